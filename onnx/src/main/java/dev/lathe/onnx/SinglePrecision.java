package dev.lathe.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Widens models of 16-bit floating point to single precision, in which the processor computes them
 * anyway, and stores weights in 16 bits again afterwards. Inputs and outputs keep their types.
 */
public final class SinglePrecision {
  private static final int LEAST_ELEMENTS = 16;

  private SinglePrecision() {}

  /** The 16-bit type of the weights of a model, if any has one. */
  public static Optional<ElementType> halfType(OnnxGraph graph) {
    return graph.initializers().stream()
        .map(TensorValue::type)
        .filter(SinglePrecision::isHalf)
        .findFirst()
        .or(
            () ->
                graph.nodes().stream()
                    .filter(node -> node.is("Constant"))
                    .flatMap(node -> graph.constant(node.output()).stream())
                    .map(TensorValue::type)
                    .filter(SinglePrecision::isHalf)
                    .findFirst());
  }

  private static boolean isHalf(ElementType type) {
    return type == ElementType.FLOAT16 || type == ElementType.BFLOAT16;
  }

  private static boolean isHalf(int code) {
    return code == ElementType.FLOAT16.code() || code == ElementType.BFLOAT16.code();
  }

  /** Widens a model in place. */
  public static void widen(OnnxGraph graph) {
    graph.forgetDeclared();
    for (TensorValue tensor : List.copyOf(graph.initializers())) {
      if (isHalf(tensor.type())) {
        graph.addInitializer(widened(tensor));
      }
    }
    for (OnnxNode node : List.copyOf(graph.nodes())) {
      NodeProto wide = widened(node.proto());
      if (!wide.equals(node.proto())) {
        graph.replace(node, List.of(new OnnxNode(wide)));
      }
    }
    for (ValueInfo input : graph.inputs()) {
      if (isHalf(input.type())) {
        String wide = graph.freshName(input.name() + "_wide");
        graph.redirect(input.name(), wide);
        graph.add(cast(input.name(), wide, ElementType.FLOAT));
      }
    }
    for (ValueInfo output : graph.outputs()) {
      if (isHalf(output.type())) {
        narrowOutput(graph, output);
      }
    }
  }

  private static void narrowOutput(OnnxGraph graph, ValueInfo output) {
    String wide = graph.freshName(output.name() + "_wide");
    Optional<OnnxNode> producer = graph.producer(output.name());
    if (producer.isPresent()) {
      OnnxNode node = producer.get();
      // Readers of the value inside the graph read the wide one.
      graph.redirect(output.name(), wide);
      OnnxNode now = graph.producer(output.name()).orElse(node);
      graph.replace(
          now,
          List.of(
              now.withOutputs(
                  now.outputs().stream().map(v -> v.equals(output.name()) ? wide : v).toList())));
      graph.add(cast(wide, output.name(), output.type()));
    } else {
      graph
          .initializer(output.name())
          .ifPresent(
              tensor -> {
                graph.removeInitializer(output.name());
                graph.addInitializer(tensor.named(wide));
                graph.redirect(output.name(), wide);
                graph.add(cast(wide, output.name(), output.type()));
              });
    }
  }

  private static OnnxNode cast(String from, String to, ElementType type) {
    return OnnxNode.of(
        "Cast", "", List.of(from), List.of(to), Attribute.integer("to", type.code()));
  }

  private static TensorValue widened(TensorValue tensor) {
    return TensorValue.floats(tensor.name(), tensor.floats(), tensor.dims());
  }

  private static NodeProto widened(NodeProto node) {
    NodeProto.Builder builder = node.toBuilder();
    boolean typed = node.getOpType().equals("Cast");
    for (AttributeProto.Builder attribute : builder.getAttributeBuilderList()) {
      if (attribute.hasT() && isHalf(attribute.getT().getDataType())) {
        attribute.setT(widened(TensorValue.of(attribute.getT())).toProto());
      }
      if (attribute.getType() == AttributeType.INT
          && isHalf((int) attribute.getI())
          && (typed && attribute.getName().equals("to") || attribute.getName().equals("dtype"))) {
        attribute.setI(ElementType.FLOAT.code());
      }
      if (attribute.hasG()) {
        attribute.setG(widened(attribute.getG()));
      }
      for (int i = 0; i < attribute.getGraphsCount(); i++) {
        attribute.setGraphs(i, widened(attribute.getGraphs(i)));
      }
    }
    return builder.build();
  }

  private static GraphProto widened(GraphProto graph) {
    GraphProto.Builder builder = graph.toBuilder().clearNode().clearInitializer().clearValueInfo();
    graph.getNodeList().forEach(node -> builder.addNode(widened(node)));
    for (TensorProto tensor : graph.getInitializerList()) {
      builder.addInitializer(
          isHalf(tensor.getDataType()) ? widened(TensorValue.of(tensor)).toProto() : tensor);
    }
    for (ValueInfoProto.Builder info : builder.getInputBuilderList()) {
      widen(info);
    }
    for (ValueInfoProto.Builder info : builder.getOutputBuilderList()) {
      widen(info);
    }
    return builder.build();
  }

  private static void widen(ValueInfoProto.Builder info) {
    if (info.getType().hasTensorType() && isHalf(info.getType().getTensorType().getElemType())) {
      TypeProto.Builder type = info.getTypeBuilder();
      type.getTensorTypeBuilder().setElemType(ElementType.FLOAT.code());
    }
  }

  /**
   * Stores weights in 16 bits where that loses nothing, with a Cast that ONNX Runtime computes when
   * it loads the model.
   *
   * @return how many tensors
   */
  public static int narrow(OnnxGraph graph, ElementType type) {
    List<TensorValue> narrow = new ArrayList<>();
    for (TensorValue tensor : graph.initializers()) {
      if (tensor.type() == ElementType.FLOAT
          && tensor.elements() >= LEAST_ELEMENTS
          && !graph.isOutput(tensor.name())
          && !graph.isCaptured(tensor.name())
          && isExact(tensor.floats(), type)) {
        narrow.add(tensor);
      }
    }
    for (TensorValue tensor : narrow) {
      String stored = graph.freshName(tensor.name() + "_h");
      graph.addInitializer(
          type == ElementType.FLOAT16
              ? TensorValue.halves(stored, tensor.floats(), tensor.dims())
              : TensorValue.bfloats(stored, tensor.floats(), tensor.dims()));
      graph.removeInitializer(tensor.name());
      graph.add(cast(stored, tensor.name(), ElementType.FLOAT));
    }
    return narrow.size();
  }

  private static boolean isExact(float[] values, ElementType type) {
    for (float value : values) {
      float back =
          type == ElementType.FLOAT16
              ? Float.float16ToFloat(Float.floatToFloat16(value))
              : Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xffff0000);
      if (Float.floatToIntBits(back) != Float.floatToIntBits(value)) {
        return false;
      }
    }
    return true;
  }
}
