package dev.lathe.compress.claim;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What a compressed model is worth.
 *
 * @param kind the gravest of what was found
 * @param reasons with figures, the gravest first; empty if it is good
 */
public record Verdict(Kind kind, List<String> reasons) {
  /** Below this the noise is more than 30 % of the signal. */
  private static final double BROKEN_DECIBELS = 10;

  /** Below this the noise is more than 10 % of the signal. */
  private static final double COSTLY_DECIBELS = 20;

  private static final double BROKEN_DROP = 0.1;
  private static final double COSTLY_DROP = 0.01;
  private static final double SLOWER = 1.05;
  private static final double LEAST_MILLIS = 0.005;

  /** From the gravest on. */
  public enum Kind {
    /** It does not do the original's job. */
    BROKEN,
    /** Its file is not smaller than the original's. */
    LARGER,
    /** It takes longer than the original. */
    SLOWER,
    /** It is smaller or faster, and noticeably less exact. */
    COSTLY,
    /** It is smaller or faster, and about as exact. */
    GOOD;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** A figure of original and compressed model. */
  public record Pair(double original, double compressed) {}

  public Verdict {
    reasons = List.copyOf(reasons);
  }

  /** What was found of exactness. */
  private record Exactness(boolean broken, boolean costly, String reason) {
    /** Decides by the score where its items can tell, else by the worst output. */
    static Exactness of(double worst, Optional<Score> score) {
      String outputs = "signal to noise of the worst output %.1f dB".formatted(worst);
      boolean far = !(worst >= BROKEN_DECIBELS);
      boolean off = !(worst >= COSTLY_DECIBELS);
      if (score.isEmpty()) {
        return new Exactness(far, off, outputs);
      }
      Score known = score.get();
      String means =
          "%s %.4f, before %.4f".formatted(known.name(), known.compressed(), known.original());
      boolean lost = known.drop() > COSTLY_DROP;
      if (known.shows(BROKEN_DROP) || known.excludes(BROKEN_DROP)) {
        return new Exactness(known.shows(BROKEN_DROP), lost, means);
      }
      return new Exactness(
          far,
          off || lost,
          "%s; %s: %d items are too few to tell whether more than %s is lost, it is from %.4f to %.4f"
              .formatted(
                  outputs, means, known.items(), BROKEN_DROP, known.lower95(), known.upper95()));
    }
  }

  /**
   * Judges.
   *
   * @param worst signal to noise of the worst output, decibels
   * @param score of the task, where there is one; it counts more than decibels if its items are
   *     enough to tell, with a confidence of 95 %, on which side of what breaks a model the loss is
   * @param bytes of the files
   * @param millis latencies
   */
  public static Verdict of(double worst, Optional<Score> score, Pair bytes, Pair millis) {
    return of(Exactness.of(worst, score), bytes, millis);
  }

  /**
   * Judges a model of which a limit was asked: one that keeps it does what was wanted, whatever its
   * outputs look like.
   *
   * @param kept how the limit was shown to be kept
   * @param bytes of the files
   * @param millis latencies
   */
  public static Verdict of(Budget budget, Budget.Outcome kept, Pair bytes, Pair millis) {
    if (!kept.kept()) {
      throw new IllegalArgumentException("the limit was not shown to be kept.");
    }
    return of(
        new Exactness(
            false,
            kept.drop() > COSTLY_DROP,
            "%.4f was lost on %d held-out items, within the limit of %s"
                .formatted(kept.drop(), kept.items(), budget.most())),
        bytes,
        millis);
  }

  private static Verdict of(Exactness exactness, Pair bytes, Pair millis) {
    List<Kind> kinds = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    boolean broken = exactness.broken();
    boolean costly = exactness.costly();
    String exact = exactness.reason();
    if (broken) {
      kinds.add(Kind.BROKEN);
      reasons.add(exact);
    }
    if (bytes.compressed() > bytes.original()) {
      kinds.add(Kind.LARGER);
      reasons.add("%,.0f bytes, before %,.0f".formatted(bytes.compressed(), bytes.original()));
    }
    if (millis.compressed() > SLOWER * millis.original()
        && millis.compressed() > millis.original() + LEAST_MILLIS) {
      kinds.add(Kind.SLOWER);
      reasons.add("%.3f ms, before %.3f ms".formatted(millis.compressed(), millis.original()));
    }
    if (costly && !broken) {
      kinds.add(Kind.COSTLY);
      reasons.add(exact);
    }
    return new Verdict(kinds.isEmpty() ? Kind.GOOD : kinds.getFirst(), reasons);
  }
}
