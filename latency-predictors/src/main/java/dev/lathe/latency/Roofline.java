package dev.lathe.latency;

import dev.lathe.latency.regression.Conformal;
import java.util.Arrays;
import java.util.List;

/**
 * A device in three numbers: each kernel takes its start and the larger of the time to compute and
 * the time to move its data; a network takes the sum of its kernels, the "waterline" of Lavin: On
 * the Efficiency of Convolutional Neural Networks, 2024, arXiv 2404.03617.
 *
 * @param macsPerMilli multiply-accumulates a millisecond at full use, above 0
 * @param bytesPerMilli bytes moved a millisecond, above 0
 * @param startMillis what a kernel takes besides, in milliseconds, at least 0
 * @param relativeWidth half width of the 90 % interval as a share of the estimate
 */
public record Roofline(
    double macsPerMilli, double bytesPerMilli, double startMillis, double relativeWidth) {
  private static final int LEAST_SAMPLES = 4;
  private static final double SMALLEST_STEP = 1.0005;

  public Roofline {
    if (!(macsPerMilli > 0 && bytesPerMilli > 0 && startMillis >= 0)) {
      throw new IllegalArgumentException(
          "a roofline of %s MACs/ms, %s bytes/ms and %s ms a kernel is not possible: rates must be above 0, the start at least 0."
              .formatted(macsPerMilli, bytesPerMilli, startMillis));
    }
  }

  /**
   * A measured network.
   *
   * @param kernels those that it runs
   * @param millis its latency in milliseconds, above 0
   */
  public record Measured(List<Kernel> kernels, double millis) {
    public Measured {
      kernels = List.copyOf(kernels);
      if (!(millis > 0) || Double.isInfinite(millis)) {
        throw new IllegalArgumentException(
            "a measured latency must be above 0 and finite, not %s ms.".formatted(millis));
      }
    }
  }

  /** What bounds a kernel. */
  public enum Bound {
    COMPUTE,
    MEMORY,
    START
  }

  /**
   * Where a kernel's time goes.
   *
   * @param intensity multiply-accumulates a byte; the kernel is under water, bound by memory, where
   *     it is below {@link #balance}
   * @param millis its estimated time
   * @param share of the network's time
   */
  public record Layer(Kernel kernel, double intensity, double millis, double share, Bound bound) {}

  /**
   * Finds the three numbers that minimise the mean squared relative error over a few networks of
   * different sizes, by pattern search on their logarithms.
   *
   * @throws IllegalArgumentException for fewer than {@value #LEAST_SAMPLES} networks
   */
  public static Roofline fit(List<Measured> samples) {
    if (samples.size() < LEAST_SAMPLES) {
      throw new IllegalArgumentException(
          "%d measured networks cannot determine a roofline; it needs at least %d."
              .formatted(samples.size(), LEAST_SAMPLES));
    }
    double[] best = start(samples);
    double error = error(best, samples);
    for (double step = 4; step > SMALLEST_STEP; step = Math.sqrt(step)) {
      for (boolean better = true; better; ) {
        better = false;
        for (int direction = 0; direction < 27; direction++) {
          double[] trial = {
            best[0] * Math.pow(step, direction % 3 - 1),
            best[1] * Math.pow(step, direction / 3 % 3 - 1),
            best[2] * Math.pow(step, direction / 9 - 1)
          };
          double trialError = error(trial, samples);
          if (trialError < error * (1 - 1e-9)) {
            best = trial;
            error = trialError;
            better = true;
          }
        }
      }
    }
    Roofline fitted = new Roofline(best[0], best[1], best[2], 0);
    double[] scores =
        samples.stream()
            .mapToDouble(s -> Math.abs(s.millis() / fitted.millis(s.kernels()) - 1))
            .toArray();
    return new Roofline(best[0], best[1], best[2], Conformal.bound(scores, 0.9));
  }

  /** Each of the three on its own explains half of the time. */
  private static double[] start(List<Measured> samples) {
    double macs = 0;
    double bytes = 0;
    double kernels = 0;
    double millis = 0;
    for (Measured sample : samples) {
      macs += sample.kernels().stream().mapToDouble(GraphFeatures::paddedMacs).sum();
      bytes += sample.kernels().stream().mapToDouble(Kernel::bytes).sum();
      kernels += sample.kernels().size();
      millis += sample.millis();
    }
    return new double[] {
      Math.max(1, macs) / millis * 2, Math.max(1, bytes) / millis * 2, millis / kernels / 4
    };
  }

  private static double error(double[] numbers, List<Measured> samples) {
    Roofline roofline = new Roofline(numbers[0], numbers[1], numbers[2], 0);
    return samples.stream()
        .mapToDouble(s -> Math.pow(Math.log(roofline.millis(s.kernels()) / s.millis()), 2))
        .average()
        .orElseThrow();
  }

  /** Multiply-accumulates a byte at which computing and moving take equally long. */
  public double balance() {
    return macsPerMilli / bytesPerMilli;
  }

  /** The latency of a network with its 90 % interval. */
  public Estimate predict(List<Kernel> kernels) {
    double millis = millis(kernels);
    return Estimate.around(millis, relativeWidth * millis);
  }

  /**
   * Computing time over whole time: 1 if the device did nothing but multiply. One over it is the
   * efficiency gap.
   */
  public double efficiency(List<Kernel> kernels) {
    double computing = kernels.stream().mapToDouble(Kernel::macs).sum() / macsPerMilli;
    return computing / millis(kernels);
  }

  /** Where the time goes, kernel after kernel. */
  public List<Layer> layers(List<Kernel> kernels) {
    double whole = millis(kernels);
    return kernels.stream()
        .map(
            kernel -> {
              double[] parts = {
                GraphFeatures.paddedMacs(kernel) / macsPerMilli,
                kernel.bytes() / bytesPerMilli,
                startMillis
              };
              double most = Arrays.stream(parts).max().orElseThrow();
              Bound bound =
                  most == parts[0] ? Bound.COMPUTE : most == parts[1] ? Bound.MEMORY : Bound.START;
              double millis = millis(kernel);
              double intensity = kernel.bytes() == 0 ? 0 : (double) kernel.macs() / kernel.bytes();
              return new Layer(kernel, intensity, millis, millis / whole, bound);
            })
        .toList();
  }

  private double millis(List<Kernel> kernels) {
    return kernels.stream().mapToDouble(this::millis).sum();
  }

  private double millis(Kernel kernel) {
    return startMillis
        + Math.max(GraphFeatures.paddedMacs(kernel) / macsPerMilli, kernel.bytes() / bytesPerMilli);
  }
}
