package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Measures models in this process at one thread, in turns so that disturbances hit all alike. */
public final class Latencies {
  private static final int WARM_UPS = 5;
  private static final int UNTIMED = 2;
  private static final int TURN = 5;

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
   * Times {@code rounds} runs of each model. A model's turn has {@value #TURN} of them, after
   * {@value #UNTIMED} untimed ones: the model before it has filled the caches with its own weights,
   * and who deploys a model runs it again and again.
   *
   * @param models serialized, of the same inputs
   * @param inputs by name
   */
  public static List<Distribution> interleaved(
      List<byte[]> models, Map<String, TensorValue> inputs, int rounds) {
    return inTurns(
        models.stream()
            .<Supplier<OrtModel>>map(model -> () -> OrtModel.open(model, OrtModel.Options.DEPLOYED))
            .toList(),
        inputs,
        rounds);
  }

  /**
   * Times {@code rounds} runs of each model, as {@link #interleaved} if they fit into memory
   * together, else one after the other.
   */
  public static List<Distribution> of(
      List<OnnxGraph> models, Map<String, TensorValue> inputs, int rounds) {
    List<Supplier<OrtModel>> sessions =
        models.stream()
            .<Supplier<OrtModel>>map(model -> () -> OrtModel.open(model, OrtModel.Options.DEPLOYED))
            .toList();
    return SideBySide.fit(models)
        ? inTurns(sessions, inputs, rounds)
        : sessions.stream()
            .map(session -> inTurns(List.of(session), inputs, rounds).getFirst())
            .toList();
  }

  private static List<Distribution> inTurns(
      List<Supplier<OrtModel>> models, Map<String, TensorValue> inputs, int rounds) {
    Deque<Runnable> open = new ArrayDeque<>();
    List<OrtModel.Prepared> runs = new ArrayList<>();
    try {
      for (Supplier<OrtModel> model : models) {
        OrtModel session = model.get();
        open.push(session::close);
        OrtModel.Prepared run = session.prepare(inputs);
        open.push(run::close);
        runs.add(run);
      }
      double[][] millis = new double[models.size()][rounds];
      for (int from = 0; from < rounds; from += TURN) {
        for (int i = 0; i < runs.size(); i++) {
          int untimed = from == 0 ? WARM_UPS : UNTIMED;
          for (int run = from - untimed; run < Math.min(rounds, from + TURN); run++) {
            long start = System.nanoTime();
            runs.get(i).run();
            if (run >= from) {
              millis[i][run] = (System.nanoTime() - start) / 1e6;
            }
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
      open.forEach(Runnable::run);
    }
  }
}
