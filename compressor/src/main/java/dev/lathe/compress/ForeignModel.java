package dev.lathe.compress;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.InputShapes;
import dev.lathe.onnx.NestedConstants;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.SinglePrecision;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.opset.OpsetConversion;
import dev.lathe.onnx.trial.ModelTrial;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A model as somebody brings it, and the form in which it is worked on: of a current operator set,
 * in single precision, its file mended, the sizes of its inputs chosen. That this form computes
 * what the file computes is checked by running both.
 *
 * @param file the model as it came
 * @param graph the form in which it is worked on, sizes assumed
 * @param shapes of its inputs
 * @param half the 16-bit type in which weights were stored, if they were
 * @param notes what was changed, for people
 */
public record ForeignModel(
    OnnxGraph file,
    OnnxGraph graph,
    InputShapes shapes,
    Optional<ElementType> half,
    List<String> notes) {
  /** Older operator sets have no scales per channel. */
  private static final int LEAST_OPSET = 13;

  private static final int ITEMS = 2;
  private static final double SAME = 60;
  private static final double SAME_HALF = 25;

  public ForeignModel {
    notes = List.copyOf(notes);
  }

  /**
   * Takes a model in. It is tried in a process of its own before this process runs it; of the
   * default sizes the largest with which it runs are taken.
   *
   * @param said sizes of open dimensions of its inputs, by name
   * @throws OnnxException if it is unsound, does not run within limits, or cannot be raised to a
   *     current operator set
   */
  public static ForeignModel of(OnnxGraph file, Map<String, Long> said, ModelTrial trial) {
    List<InputShapes> candidates = InputShapes.candidates(file, said);
    file.assume(candidates.getFirst().sizes());
    List<String> notes = new ArrayList<>();
    OnnxGraph graph = file.copy();
    Optional<ElementType> half = SinglePrecision.halfType(graph);
    if (half.isPresent()) {
      SinglePrecision.widen(graph);
      notes.add("%s is computed in single precision".formatted(half.get()));
    }
    int opset = graph.opset();
    if (opset < LEAST_OPSET) {
      OpsetConversion.raise(graph, OpsetConversion.CURRENT);
      notes.add("operator set %d raised to %d".formatted(opset, OpsetConversion.CURRENT));
    }
    notes.addAll(graph.repair());
    int nested = NestedConstants.hoist(graph);
    if (nested > 0) {
      notes.add("%d constants of nested graphs are the model's own now".formatted(nested));
    }
    InputShapes shapes = tried(graph, candidates, trial);
    file.assume(shapes.sizes());
    if (half.isPresent() || opset < LEAST_OPSET) {
      check(file, graph, trial, half.isPresent() ? SAME_HALF : SAME, notes);
    }
    return new ForeignModel(file, graph, shapes, half, notes);
  }

  private static InputShapes tried(
      OnnxGraph graph, List<InputShapes> candidates, ModelTrial trial) {
    for (int i = 0; ; i++) {
      graph.assume(candidates.get(i).sizes());
      try {
        trial.check(graph, Map.of());
        return candidates.get(i);
      } catch (OnnxException e) {
        if (candidates.size() == 1) {
          throw e;
        }
        if (i == candidates.size() - 1) {
          throw new OnnxException(
              "%s Maybe a default size does not suit the model: it was tried with %s, and less."
                  .formatted(
                      String.valueOf(e.getMessage()).strip(),
                      String.join("; ", candidates.getFirst().described(graph, 1))),
              e);
        }
      }
    }
  }

  /** Runs the file and the form that is worked on, where the file runs here at all. */
  private static void check(
      OnnxGraph file, OnnxGraph graph, ModelTrial trial, double least, List<String> notes) {
    try {
      trial.check(file, Map.of());
    } catch (OnnxException e) {
      notes.add(
          "the file itself does not run here, so that nothing could be compared with it (%s)"
              .formatted(firstSentence(String.valueOf(e.getMessage()))));
      return;
    }
    int batch = Math.max(1, InputShapes.batch(graph));
    Noise noise = Noise.of(graph, ITEMS * batch, 5);
    try (OrtModel before = OrtModel.open(file, OrtModel.Options.DEPLOYED);
        OrtModel after = OrtModel.open(graph, OrtModel.Options.DEPLOYED)) {
      for (int item = 0; item < ITEMS * batch; item += batch) {
        Map<String, TensorValue> feed = noise.feed(graph, item, item + batch);
        Map<String, TensorValue> wanted = before.run(feed);
        Map<String, TensorValue> found = after.run(feed);
        for (Map.Entry<String, TensorValue> output : wanted.entrySet()) {
          compare(output.getKey(), output.getValue(), found.get(output.getKey()), least);
        }
      }
    }
  }

  private static void compare(String output, TensorValue wanted, TensorValue found, double least) {
    if (wanted.type().isFloating()) {
      double decibels = Decibels.between(wanted.floats(), found.floats());
      if (!(decibels >= least)) {
        throw new OnnxException(
            "raised to a current operator set the model gives another '%s' (%.1f dB). Maybe export it anew with opset 17."
                .formatted(output, decibels));
      }
    }
  }

  /** A compressed model as it is written: weights that were stored in 16 bits are so again. */
  public OnnxGraph finished(OnnxGraph compressed) {
    OnnxGraph result = compressed.copy();
    half.ifPresent(type -> SinglePrecision.narrow(result, type));
    result.repair();
    return result;
  }

  private static String firstSentence(String text) {
    int end = text.indexOf(". ");
    return (end < 0 ? text : text.substring(0, end + 1)).strip();
  }
}
