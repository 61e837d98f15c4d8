package dev.lathe.evolution;

/**
 * Predictor-assisted search, for evaluations that cost more than a second: models of the metrics,
 * trained on all results so far, are searched by an inner evolution, and of what it finds those are
 * asked for that promise the largest gain of hypervolume. The loop is that of LINAS (Cummings et
 * al.: A Hardware-Aware Framework for Accelerating Neural Architecture Search Across Modalities,
 * 2022, arXiv:2205.10358; SimQ-NAS, 2023, arXiv:2312.13301); beyond it, the models are Gaussian
 * processes that know their uncertainty, and a batch is chosen one by one by expected hypervolume
 * improvement (Emmerich, Giannakoglou, Naujoks 2006, doi:10.1109/TEVC.2005.859463), each member
 * given those before it.
 *
 * @param initial architectures of the first design, before there are models; at least 2
 * @param batch architectures asked for at once afterwards, at least 1
 */
public record PredictorSearch(int initial, int batch) implements SearchMethod {
  public PredictorSearch {
    if (initial < 2) {
      throw new IllegalArgumentException("initial is %d, must be >= 2.".formatted(initial));
    }
    if (batch < 1) {
      throw new IllegalArgumentException("batch is %d, must be >= 1.".formatted(batch));
    }
  }

  /** A design of 20, then batches of 5. */
  public static PredictorSearch standard() {
    return new PredictorSearch(20, 5);
  }

  @Override
  public String name() {
    return "predictor";
  }

  @Override
  public Proposer proposer() {
    return new Predicting(this);
  }
}
