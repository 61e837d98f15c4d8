package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Runs models on the same inputs and shows what all of them gave: at the same time where they fit
 * into memory together, else one after the other, the outputs of each kept until the last has run.
 */
public final class SideBySide {
  /** Models of more bytes together are not loaded at the same time. */
  private static final long MOST_BYTES = 1L << 30;

  private SideBySide() {}

  /**
   * A model to run.
   *
   * @param exposed inner values, all single-precision, that are shown as outputs are
   */
  public record Side(OnnxGraph model, OrtModel.Options options, List<String> exposed) {
    public Side {
      exposed = List.copyOf(exposed);
    }

    OrtModel open() {
      return OrtModel.open(model, options, exposed);
    }
  }

  /** Whether models can be loaded at the same time. */
  public static boolean fit(List<OnnxGraph> models) {
    return models.stream().mapToLong(OnnxGraph::bytes).sum() <= MOST_BYTES;
  }

  /**
   * Runs models.
   *
   * @param runs how many
   * @param feeds the inputs of each, the same whenever it is asked for
   * @param receiver of each run in turn: the floating-point values of each side, by name; the
   *     buffers are its to keep
   */
  public static void run(
      List<Side> sides,
      int runs,
      IntFunction<Map<String, TensorValue>> feeds,
      Consumer<List<Map<String, FloatBuffer>>> receiver) {
    if (fit(sides.stream().map(Side::model).toList())) {
      together(sides, runs, feeds, receiver);
    } else {
      inTurn(sides, runs, feeds, receiver);
    }
  }

  static void together(
      List<Side> sides,
      int runs,
      IntFunction<Map<String, TensorValue>> feeds,
      Consumer<List<Map<String, FloatBuffer>>> receiver) {
    List<OrtModel> sessions = new ArrayList<>();
    try {
      sides.forEach(side -> sessions.add(side.open()));
      for (int run = 0; run < runs; run++) {
        Map<String, TensorValue> inputs = feeds.apply(run);
        receiver.accept(sessions.stream().map(session -> outputs(session, inputs)).toList());
      }
    } finally {
      sessions.forEach(OrtModel::close);
    }
  }

  static void inTurn(
      List<Side> sides,
      int runs,
      IntFunction<Map<String, TensorValue>> feeds,
      Consumer<List<Map<String, FloatBuffer>>> receiver) {
    List<List<Map<String, FloatBuffer>>> kept = new ArrayList<>();
    for (int run = 0; run < runs; run++) {
      kept.add(new ArrayList<>());
    }
    for (int i = 0; i < sides.size(); i++) {
      try (OrtModel session = sides.get(i).open()) {
        for (int run = 0; run < runs; run++) {
          kept.get(run).add(outputs(session, feeds.apply(run)));
          if (i == sides.size() - 1) {
            receiver.accept(kept.set(run, List.of()));
          }
        }
      }
    }
  }

  private static Map<String, FloatBuffer> outputs(
      OrtModel session, Map<String, TensorValue> inputs) {
    Map<String, FloatBuffer> outputs = new HashMap<>();
    session.run(inputs, outputs::put);
    return outputs;
  }
}
