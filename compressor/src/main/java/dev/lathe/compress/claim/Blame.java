package dev.lathe.compress.claim;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Decibels;
import dev.lathe.compress.SideBySide;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A tensor in which a compressed model is less exact than in what the tensor is made of.
 *
 * @param tensor its name in both models
 * @param sqnrDecibels signal to noise of what it has become, errors before it included
 */
public record Blame(String tensor, double sqnrDecibels) {
  private static final int ITEMS = 4;
  private static final int MOST = 10;

  /** Elements of all values that are looked at; small models are seen whole. */
  private static final long MOST_ELEMENTS = 40_000_000;

  /** A loss of which nothing is said, decibels. */
  private static final double SLIGHT = 1;

  /** The tensors at which most is lost, the worst first; empty where it cannot be told. */
  public static List<Blame> of(OnnxGraph original, OnnxGraph compressed, CalibrationData data) {
    try {
      return found(original, compressed, data);
    } catch (OnnxException e) {
      return List.of();
    }
  }

  private static List<Blame> found(OnnxGraph original, OnnxGraph compressed, CalibrationData data) {
    int batch = Math.max(1, data.itemsARun(original));
    Common common = common(original, compressed, batch);
    Map<String, double[]> sums = new HashMap<>();
    int runs = (int) Math.clamp(MOST_ELEMENTS / Math.max(1, common.elements()), 1, ITEMS);
    SideBySide.run(
        List.of(
            new SideBySide.Side(original, OrtModel.Options.DEPLOYED, common.values()),
            new SideBySide.Side(compressed, OrtModel.Options.DEPLOYED, common.values())),
        Math.min(runs, data.images() / batch),
        run -> data.feed(original, run * batch, (run + 1) * batch),
        sides ->
            sides
                .get(0)
                .forEach(
                    (name, wanted) -> {
                      FloatBuffer found = sides.get(1).get(name);
                      if (found != null && found.remaining() == wanted.remaining()) {
                        add(sums.computeIfAbsent(name, unused -> new double[2]), wanted, found);
                      }
                    }));
    Map<String, Double> decibels = new HashMap<>();
    sums.forEach((name, sum) -> decibels.put(name, Decibels.ratio(sum[0], sum[1])));
    return ranked(original, decibels);
  }

  private static void add(double[] sums, FloatBuffer wanted, FloatBuffer found) {
    for (int i = 0; i < wanted.remaining(); i++) {
      double value = wanted.get(wanted.position() + i);
      double difference = value - found.get(found.position() + i);
      if (Double.isFinite(difference)) {
        sums[0] += value * value;
        sums[1] += difference * difference;
      }
    }
  }

  /** Values, and how many elements they have in one run. */
  private record Common(List<String> values, long elements) {}

  /** Single-precision values that nodes of both models make under one name. */
  private static Common common(OnnxGraph original, OnnxGraph compressed, int batch) {
    Map<String, TensorType> types =
        ShapeInference.infer(original, original.symbols(batch, Map.of()));
    Set<String> made = new HashSet<>();
    compressed.nodes().forEach(node -> made.addAll(node.outputs()));
    List<String> common = new ArrayList<>();
    long elements = 0;
    for (OnnxNode node : original.nodes()) {
      for (String value : node.outputs()) {
        TensorType type = types.get(value);
        if (type != null && type.type() == ElementType.FLOAT && made.contains(value)) {
          if (elements + type.elements() > MOST_ELEMENTS) {
            return new Common(common, elements);
          }
          elements += type.elements();
          common.add(value);
        }
      }
    }
    return new Common(common, elements);
  }

  /** Those that are worse than all that they are made of, by how much they lose. */
  private static List<Blame> ranked(OnnxGraph original, Map<String, Double> decibels) {
    Map<String, Double> carried = new HashMap<>();
    Map<String, Double> losses = new HashMap<>();
    for (OnnxNode node : original.nodes()) {
      double before = Double.POSITIVE_INFINITY;
      for (String input : node.inputs()) {
        before = Math.min(before, carried.getOrDefault(input, Double.POSITIVE_INFINITY));
      }
      for (String output : node.outputs()) {
        double own = decibels.getOrDefault(output, before);
        carried.put(output, own);
        if (decibels.containsKey(output) && Double.isFinite(own) && own < before - SLIGHT) {
          // Noise of its own, as a share of the signal.
          losses.put(output, Math.pow(10, -own / 10) - Math.pow(10, -before / 10));
        }
      }
    }
    return losses.entrySet().stream()
        .sorted(
            Comparator.<Map.Entry<String, Double>>comparingDouble(e -> -e.getValue())
                .thenComparing(Map.Entry::getKey))
        .limit(MOST)
        .map(entry -> new Blame(entry.getKey(), decibels.get(entry.getKey())))
        .toList();
  }
}
