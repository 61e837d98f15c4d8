package dev.lathe.onnx;

import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model declares of one of its values. An open dimension without a name (or of size −1, as
 * some exporters write it) is symbolic and goes by the value's name and its axis: {@code x[2]}.
 *
 * @param name the value's name
 * @param type of its elements
 * @param shape its dimensions; empty for a scalar, and where {@code ranked} is false
 * @param ranked whether the model declares a shape at all
 */
public record ValueInfo(String name, ElementType type, List<Dimension> shape, boolean ranked) {
  public ValueInfo {
    shape = List.copyOf(shape);
  }

  /** A value of declared shape. */
  public ValueInfo(String name, ElementType type, List<Dimension> shape) {
    this(name, type, shape, true);
  }

  /** A value of which only the element type is declared. */
  public static ValueInfo unranked(String name, ElementType type) {
    return new ValueInfo(name, type, List.of(), false);
  }

  static ValueInfo of(ValueInfoProto proto) {
    if (!proto.getType().hasTensorType()) {
      throw new OnnxException(
          "value '%s' is no tensor. Maybe the model has sequences, maps or optionals as inputs or outputs, which are not supported."
              .formatted(proto.getName()));
    }
    TypeProto.Tensor tensor = proto.getType().getTensorType();
    ElementType type = ElementType.of(tensor.getElemType());
    if (!tensor.hasShape()) {
      return unranked(proto.getName(), type);
    }
    List<Dimension> shape = new ArrayList<>();
    for (TensorShapeProto.Dimension dimension : tensor.getShape().getDimList()) {
      boolean open = !dimension.hasDimValue() || dimension.getDimValue() < 0;
      if (!open) {
        shape.add(new Dimension.Fixed(dimension.getDimValue()));
      } else if (dimension.getDimParam().isEmpty()) {
        shape.add(new Dimension.Symbolic(unnamed(proto.getName(), shape.size())));
      } else {
        shape.add(new Dimension.Symbolic(dimension.getDimParam()));
      }
    }
    return new ValueInfo(proto.getName(), type, shape);
  }

  /** The name that an open dimension goes by here if the model gives it none. */
  private static String unnamed(String value, int axis) {
    return "%s[%d]".formatted(value, axis);
  }

  ValueInfoProto toProto() {
    TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(type.code());
    if (ranked) {
      TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
      for (Dimension dimension : shape) {
        TensorShapeProto.Dimension.Builder builder = TensorShapeProto.Dimension.newBuilder();
        switch (dimension) {
          case Dimension.Fixed(long size) -> builder.setDimValue(size);
          case Dimension.Symbolic(String symbol) -> {
            if (!symbol.isEmpty() && !symbol.equals(unnamed(name, dimensions.getDimCount()))) {
              builder.setDimParam(symbol);
            }
          }
        }
        dimensions.addDim(builder);
      }
      tensor.setShape(dimensions);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
