package dev.lathe.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One operator of a graph. Immutable; what this class does not know of it is kept.
 *
 * @param proto the node as the file has it
 */
public record OnnxNode(NodeProto proto) {
  /** A node of ONNX's own operator set. */
  public static OnnxNode of(
      String opType,
      String name,
      List<String> inputs,
      List<String> outputs,
      Attribute... attributes) {
    return of("", opType, name, inputs, outputs, attributes);
  }

  /** A node of the operator set {@code domain}, for example {@code com.microsoft}. */
  public static OnnxNode of(
      String domain,
      String opType,
      String name,
      List<String> inputs,
      List<String> outputs,
      Attribute... attributes) {
    NodeProto.Builder builder =
        NodeProto.newBuilder().setOpType(opType).addAllInput(inputs).addAllOutput(outputs);
    if (!name.isEmpty()) {
      builder.setName(name);
    }
    if (!domain.isEmpty()) {
      builder.setDomain(domain);
    }
    for (Attribute attribute : attributes) {
      builder.addAttribute(attribute.proto());
    }
    return new OnnxNode(builder.build());
  }

  /** The node's name; may be empty. */
  public String name() {
    return proto.getName();
  }

  public String opType() {
    return proto.getOpType();
  }

  /** The operator set, empty for ONNX's own. */
  public String domain() {
    return proto.getDomain().equals("ai.onnx") ? "" : proto.getDomain();
  }

  /** Names of the values it takes, in order; an optional input that is left out is empty. */
  public List<String> inputs() {
    return proto.getInputList();
  }

  /** Names of the values it makes, in order; an optional output that is left out is empty. */
  public List<String> outputs() {
    return proto.getOutputList();
  }

  /** The first output. */
  public String output() {
    return proto.getOutput(0);
  }

  /** The input at {@code index}, or empty where the node has none there. */
  public Optional<String> input(int index) {
    return index < proto.getInputCount() && !proto.getInput(index).isEmpty()
        ? Optional.of(proto.getInput(index))
        : Optional.empty();
  }

  /** Whether it is an operator of ONNX's own set with this name. */
  public boolean is(String opType) {
    return proto.getOpType().equals(opType) && domain().isEmpty();
  }

  /** Whether it is one of these operators of ONNX's own set. */
  public boolean isOneOf(String... opTypes) {
    return domain().isEmpty() && Arrays.asList(opTypes).contains(opType());
  }

  /** For messages: its name, or where it has none its operator and output. */
  public String label() {
    return name().isEmpty()
        ? opType() + (outputs().isEmpty() ? "" : " -> " + output())
        : opType() + " '" + name() + "'";
  }

  public List<Attribute> attributes() {
    return proto.getAttributeList().stream().map(Attribute::new).toList();
  }

  public boolean has(String attribute) {
    return find(attribute) != null;
  }

  /** A list of integers, or {@code fallback} where the node lacks it. */
  public long[] ints(String attribute, long... fallback) {
    AttributeProto found = find(attribute);
    return found == null
        ? fallback
        : found.getIntsList().stream().mapToLong(Long::longValue).toArray();
  }

  /** An integer, or {@code fallback} where the node lacks it. */
  public long integer(String attribute, long fallback) {
    AttributeProto found = find(attribute);
    return found == null ? fallback : found.getI();
  }

  /** A number, or {@code fallback} where the node lacks it. */
  public float floating(String attribute, float fallback) {
    AttributeProto found = find(attribute);
    return found == null ? fallback : found.getF();
  }

  /** A text, or {@code fallback} where the node lacks it. */
  public String string(String attribute, String fallback) {
    AttributeProto found = find(attribute);
    return found == null ? fallback : found.getS().toStringUtf8();
  }

  /** A list of numbers, empty where the node lacks it. */
  public float[] floats(String attribute) {
    AttributeProto found = find(attribute);
    float[] values = new float[found == null ? 0 : found.getFloatsCount()];
    for (int i = 0; i < values.length; i++) {
      values[i] = found.getFloats(i);
    }
    return values;
  }

  /** A tensor, or empty where the node lacks it. */
  public Optional<TensorValue> tensor(String attribute) {
    AttributeProto found = find(attribute);
    return found == null || !found.hasT()
        ? Optional.empty()
        : Optional.of(TensorValue.of(found.getT()));
  }

  /** Whether it contains graphs of its own, as If, Loop and Scan do. */
  public boolean hasSubgraphs() {
    return proto.getAttributeList().stream().anyMatch(a -> a.hasG() || a.getGraphsCount() > 0);
  }

  /** The same node with other inputs. */
  public OnnxNode withInputs(List<String> inputs) {
    return new OnnxNode(proto.toBuilder().clearInput().addAllInput(inputs).build());
  }

  /** The same node with one input exchanged. */
  public OnnxNode withInput(int index, String value) {
    return new OnnxNode(proto.toBuilder().setInput(index, value).build());
  }

  /** The same node with other outputs. */
  public OnnxNode withOutputs(List<String> outputs) {
    return new OnnxNode(proto.toBuilder().clearOutput().addAllOutput(outputs).build());
  }

  /** The same node under another name. */
  public OnnxNode withName(String name) {
    return new OnnxNode(proto.toBuilder().setName(name).build());
  }

  /** The same node with an attribute set or exchanged. */
  public OnnxNode with(Attribute attribute) {
    NodeProto.Builder builder = without(attribute.name()).proto.toBuilder();
    return new OnnxNode(builder.addAttribute(attribute.proto()).build());
  }

  /** The same node without an attribute. */
  public OnnxNode without(String attribute) {
    NodeProto.Builder builder = proto.toBuilder();
    for (int i = builder.getAttributeCount() - 1; i >= 0; i--) {
      if (builder.getAttribute(i).getName().equals(attribute)) {
        builder.removeAttribute(i);
      }
    }
    return new OnnxNode(builder.build());
  }

  private @org.jspecify.annotations.Nullable AttributeProto find(String attribute) {
    for (AttributeProto candidate : proto.getAttributeList()) {
      if (candidate.getName().equals(attribute)) {
        return candidate;
      }
    }
    return null;
  }
}
