package dev.lathe.farm;

import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Judges samples by what a device told while they were taken. A figure is stable when nothing
 * contradicts it and something speaks for it: the sentinel's agreement, or a device that counts and
 * does not time.
 */
public final class VerdictRules {
  /** Others may take so large a share of the time. */
  static final double MOST_OTHERS = 0.03;

  /** Sentinel, halves and usual speed may differ by so much. */
  static final double MOST_CHANGE = 0.05;

  /** The median deviation may be so large a share of the median. */
  static final double MOST_SPREAD = 0.05;

  /** A clock that fell by so much was throttled. */
  static final double MOST_CLOCK_DROP = 0.05;

  private VerdictRules() {}

  /**
   * The verdict on one series.
   *
   * @param samplesMillis in the order in which they were taken
   * @param sentinelBeforeMillis 0 where the device has no sentinel
   * @param sentinelAfterMillis 0 where the device has no sentinel
   * @param usualSentinelMillis what the sentinel takes when the device is at its best, where known
   * @param during what the device told meanwhile
   */
  public static Verdict judge(
      double[] samplesMillis,
      double sentinelBeforeMillis,
      double sentinelAfterMillis,
      OptionalDouble usualSentinelMillis,
      Circumstances during) {
    double others = during.othersShare().orElse(0.0);
    if (others > MOST_OTHERS) {
      return Verdict.noisy(text("other work took %.1f %% of the time of sampling", 100 * others));
    }
    boolean clockFell = during.clockDrop() > MOST_CLOCK_DROP;
    String clock =
        clockFell
            ? text(
                ", and the clock fell from %.0f to %.0f MHz",
                during.mostMegahertz(), during.leastMegahertz())
            : "";
    double change = change(sentinelBeforeMillis, sentinelAfterMillis);
    if (Math.abs(change) > MOST_CHANGE) {
      String what =
          text("the sentinel took %+.1f %% after the samples than before", 100 * change) + clock;
      return change > 0 && clockFell ? Verdict.throttled(what) : Verdict.noisy(what);
    }
    int half = samplesMillis.length / 2;
    if (half >= 8) {
      double first = Percentiles.of(Arrays.copyOf(samplesMillis, half)).p50();
      double second =
          Percentiles.of(Arrays.copyOfRange(samplesMillis, half, samplesMillis.length)).p50();
      double drift = change(first, second);
      if (Math.abs(drift) > MOST_CHANGE) {
        String what =
            text("the second half of the samples differs by %+.1f %%", 100 * drift) + clock;
        return drift > 0 && clockFell ? Verdict.throttled(what) : Verdict.noisy(what);
      }
    }
    if (clockFell) {
      return Verdict.throttled(
          text(
              "the clock fell from %.0f to %.0f MHz during the run",
              during.mostMegahertz(), during.leastMegahertz()));
    }
    Percentiles percentiles = Percentiles.of(samplesMillis);
    double spread = percentiles.mad() / percentiles.p50();
    if (spread > MOST_SPREAD) {
      return Verdict.noisy(text("the samples spread by %.1f %% around their median", 100 * spread));
    }
    if (sentinelBeforeMillis <= 0) {
      return Verdict.unknown("this device has no sentinel, and does not tell what disturbs it");
    }
    double slower =
        usualSentinelMillis.isPresent()
            ? change(
                usualSentinelMillis.getAsDouble(),
                Math.min(sentinelBeforeMillis, sentinelAfterMillis))
            : 0;
    if (slower > MOST_CHANGE) {
      return Verdict.throttled(
          text(
              "the sentinel took %.1f %% longer than this device needs at its best: its clock is"
                  + " lower, or something that it cannot see shares it",
              100 * slower));
    }
    return Verdict.stable(
        text(
                "sentinel within %.1f %%, spread %.1f %%, other work %s",
                100 * Math.abs(change),
                100 * spread,
                during.othersShare().map(share -> text("%.1f %%", 100 * share)).orElse("untold"))
            + (usualSentinelMillis.isPresent()
                ? text(", %+.1f %% of its best", 100 * slower)
                : ""));
  }

  /** By how much the second is larger, as a share of the smaller; 0 where there is none. */
  private static double change(double first, double second) {
    return first <= 0 || second <= 0 ? 0 : (second - first) / Math.min(first, second);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
