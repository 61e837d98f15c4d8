package dev.lathe.compress;

import dev.lathe.onnx.OrtModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures models in this process at one thread, interleaved so that disturbances hit all alike.
 */
public final class Latencies {
  private static final int WARM_UPS = 5;

  private Latencies() {}

  /**
   * Milliseconds of single runs.
   *
   * @param samples rising
   */
  public record Distribution(double[] samples) {
    /** The value that a share of the samples stays below. */
    public double quantile(double share) {
      return samples[(int) Math.min(samples.length - 1, Math.floor(share * samples.length))];
    }

    public double p50() {
      return quantile(0.5);
    }

    public double p90() {
      return quantile(0.9);
    }
  }

  /**
   * Runs each model {@code rounds} times, one after the other in every round.
   *
   * @param models serialized, of one input
   * @param input values of the input
   * @param shape of the input
   */
  public static List<Distribution> interleaved(
      List<byte[]> models, float[] input, long[] shape, int rounds) {
    List<OrtModel> open = new ArrayList<>();
    try {
      for (byte[] model : models) {
        open.add(OrtModel.open(model, OrtModel.Options.DEPLOYED));
      }
      double[][] millis = new double[models.size()][rounds];
      for (int round = -WARM_UPS; round < rounds; round++) {
        for (int i = 0; i < open.size(); i++) {
          long start = System.nanoTime();
          open.get(i).run(input, shape);
          if (round >= 0) {
            millis[i][round] = (System.nanoTime() - start) / 1e6;
          }
        }
      }
      return Arrays.stream(millis)
          .map(
              samples -> {
                Arrays.sort(samples);
                return new Distribution(samples);
              })
          .toList();
    } finally {
      open.forEach(OrtModel::close);
    }
  }
}
