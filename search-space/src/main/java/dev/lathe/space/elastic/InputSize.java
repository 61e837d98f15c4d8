package dev.lathe.space.elastic;

import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.ValueInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A size of the images that a model takes.
 *
 * @param height in pixels
 * @param width in pixels
 */
public record InputSize(int height, int width) {
  private static final int[] EIGHTHS = {8, 7, 6, 5, 4};
  private static final int LEAST = 16;

  /**
   * The sizes at which a model of one input [n, c, h, w] gives outputs of the same shapes, largest
   * first: the one it declares, and smaller ones of which all shapes fit together. Empty where it
   * declares none, or takes no images.
   */
  static List<InputSize> of(OnnxGraph graph) {
    List<InputSize> sizes = new ArrayList<>();
    if (graph.inputs().size() != 1) {
      return sizes;
    }
    List<Dimension> shape = graph.inputs().getFirst().shape();
    boolean image =
        shape.size() == 4
            && shape.get(2) instanceof Dimension.Fixed
            && shape.get(3) instanceof Dimension.Fixed;
    if (!image) {
      return sizes;
    }
    int height = (int) ((Dimension.Fixed) shape.get(2)).size();
    int width = (int) ((Dimension.Fixed) shape.get(3)).size();
    int multiple = Math.max(height, width) > 64 ? 32 : 4;
    List<TensorType> outputs = List.of();
    for (int eighths : EIGHTHS) {
      InputSize size =
          new InputSize(rounded(height, eighths, multiple), rounded(width, eighths, multiple));
      if (eighths == 8) {
        size = new InputSize(height, width);
        outputs = outputs(size.apply(graph));
        sizes.add(size);
      } else if (Math.min(size.height(), size.width()) >= LEAST && !sizes.contains(size)) {
        try {
          if (outputs(size.apply(graph)).equals(outputs)) {
            sizes.add(size);
          }
        } catch (OnnxException e) {
          return sizes; // a node fixes the size
        }
      }
    }
    return sizes;
  }

  private static int rounded(int side, int eighths, int multiple) {
    return Math.max(multiple, Math.round(side * eighths / 8f / multiple) * multiple);
  }

  private static List<TensorType> outputs(OnnxGraph graph) {
    Map<String, TensorType> types = ShapeInference.infer(graph, graph.symbols(3, Map.of()));
    List<TensorType> found = new ArrayList<>();
    for (ValueInfo output : graph.outputs()) {
      TensorType type = types.get(output.name());
      if (type == null) {
        throw new OnnxException("the shape of output '%s' is not known.".formatted(output.name()));
      }
      found.add(type);
    }
    return found;
  }

  /** A copy of the model that takes images of this size. */
  OnnxGraph apply(OnnxGraph graph) {
    OnnxGraph sized = graph.copy();
    ValueInfo input = sized.inputs().getFirst();
    List<Dimension> shape = new ArrayList<>(input.shape());
    shape.set(2, new Dimension.Fixed(height));
    shape.set(3, new Dimension.Fixed(width));
    sized.removeInput(input.name());
    sized.addInput(new ValueInfo(input.name(), input.type(), shape));
    return sized;
  }
}
