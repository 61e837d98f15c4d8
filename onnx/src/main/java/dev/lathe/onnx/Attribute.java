package dev.lathe.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import com.google.protobuf.ByteString;

/** A named constant of a node. */
public record Attribute(AttributeProto proto) {
  public String name() {
    return proto.getName();
  }

  public static Attribute integer(String name, long value) {
    return of(builder(name, AttributeType.INT).setI(value));
  }

  public static Attribute floating(String name, float value) {
    return of(builder(name, AttributeType.FLOAT).setF(value));
  }

  public static Attribute string(String name, String value) {
    return of(builder(name, AttributeType.STRING).setS(ByteString.copyFromUtf8(value)));
  }

  public static Attribute ints(String name, long... values) {
    AttributeProto.Builder builder = builder(name, AttributeType.INTS);
    for (long value : values) {
      builder.addInts(value);
    }
    return of(builder);
  }

  public static Attribute floats(String name, float... values) {
    AttributeProto.Builder builder = builder(name, AttributeType.FLOATS);
    for (float value : values) {
      builder.addFloats(value);
    }
    return of(builder);
  }

  public static Attribute tensor(String name, TensorValue value) {
    return of(builder(name, AttributeType.TENSOR).setT(value.toProto()));
  }

  private static AttributeProto.Builder builder(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  private static Attribute of(AttributeProto.Builder builder) {
    return new Attribute(builder.build());
  }
}
