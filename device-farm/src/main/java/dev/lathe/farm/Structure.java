package dev.lathe.farm;

import ai.onnx.proto.OnnxMl.AttributeProto;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What of a network decides how long it takes: operators with their attributes, how they are
 * connected, shapes and types; not the values of its weights and not the names that somebody gave.
 * Small constants count by value, since they often are shapes, axes or scales.
 */
public final class Structure {
  /** Tensors of more elements than this are weights. */
  private static final int MOST_CONSTANT = 64;

  private final OnnxGraph graph;
  private final Map<String, Integer> numbers = new HashMap<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(bytes);

  private Structure(OnnxGraph graph) {
    this.graph = graph;
  }

  /**
   * The hash of a network's structure: 64 lower-case hexadecimal digits, the same for networks that
   * a device runs alike.
   */
  public static String sha256(OnnxGraph graph) {
    try {
      return new Structure(graph).hash();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String hash() throws IOException {
    out.writeInt(graph.opset());
    for (ValueInfo input : graph.inputs()) {
      number(input.name());
      out.writeUTF(input.type() + " " + input.shape());
    }
    for (OnnxNode node : graph.nodes()) {
      node(node);
    }
    for (ValueInfo output : graph.outputs()) {
      out.writeInt(number(output.name()));
    }
    return Sha256.of(bytes.toByteArray());
  }

  private void node(OnnxNode node) throws IOException {
    out.writeUTF(node.domain());
    out.writeUTF(node.opType());
    List<Attribute> attributes =
        node.attributes().stream().sorted(Comparator.comparing(Attribute::name)).toList();
    for (Attribute attribute : attributes) {
      attribute(attribute.proto());
    }
    out.writeInt(node.inputs().size());
    for (String input : node.inputs()) {
      value(input);
    }
    out.writeInt(node.outputs().size());
    for (String output : node.outputs()) {
      out.writeInt(output.isEmpty() ? -1 : number(output));
    }
  }

  private void attribute(AttributeProto proto) throws IOException {
    byte[] text = proto.toBuilder().clearDocString().build().toByteArray();
    out.writeInt(text.length);
    out.write(text);
  }

  /** A value by its number; a constant by type, shape and, if it is small, by its elements. */
  private void value(String name) throws IOException {
    if (name.isEmpty()) {
      out.writeInt(-1);
      return;
    }
    boolean fresh = !numbers.containsKey(name);
    out.writeInt(number(name));
    TensorValue tensor = fresh ? graph.initializer(name).orElse(null) : null;
    if (tensor != null) {
      out.writeUTF(tensor.type().toString());
      for (long dim : tensor.dims()) {
        out.writeLong(dim);
      }
      if (tensor.elements() <= MOST_CONSTANT && !tensor.isShapeOnly()) {
        out.write(tensor.toByteArray());
      }
    }
  }

  private int number(String name) {
    return numbers.merge(name, numbers.size(), (old, fresh) -> old);
  }
}
