package dev.lathe.evolution;

/** Uniformly drawn architectures, none twice: the baseline of every comparison. */
public record RandomSearch() implements SearchMethod {
  @Override
  public String name() {
    return "random";
  }

  @Override
  public int batch() {
    return 50;
  }

  @Override
  public Proposer proposer() {
    return (trials, count) -> {
      for (int i = 0; i < count && trials.claimFresh(); i++) {}
    };
  }
}
