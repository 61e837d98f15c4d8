package dev.lathe.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TrainingInfoProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Files that are no sound models, by what is wrong with them. */
final class HostileFiles {
  private static final byte[] SOUND = SmallModels.convolutional().toBytes();
  private static final long HUGE = 1L << 40;

  private final Map<String, byte[]> files = new LinkedHashMap<>();

  private HostileFiles() {}

  static Map<String, byte[]> all() {
    HostileFiles hostile = new HostileFiles();
    hostile.noModels();
    hostile.cutFiles();
    hostile.headers();
    hostile.wiring();
    hostile.tensors();
    hostile.outsideData();
    hostile.declarations();
    hostile.nestedGraphs();
    hostile.functions();
    hostile.files.putAll(HostileOperators.files());
    return hostile.files;
  }

  private void noModels() {
    files.put("empty", new byte[0]);
    files.put("zeros", new byte[1000]);
    files.put("ones", filled((byte) 0xff));
    for (String start :
        List.of("\u0089PNG\r\n", "PK\u0003\u0004", "\u007fELF", "<html>", "{\"a\": 1}", "GIF89a")) {
      byte[] file = Arrays.copyOf(start.getBytes(StandardCharsets.ISO_8859_1), 500);
      files.put("begins as " + start.strip(), file);
    }
    files.put("text", "This is no model.\n".repeat(40).getBytes(StandardCharsets.US_ASCII));
    files.put("length of 2 GiB", new byte[] {0x3a, -1, -1, -1, -1, 7, 1, 2, 3});
    files.put("negative length", new byte[] {0x3a, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1});
    files.put("varint without end", filled((byte) 0x80));
  }

  private static byte[] filled(byte value) {
    byte[] file = new byte[300];
    Arrays.fill(file, value);
    return file;
  }

  private void cutFiles() {
    for (int part = 1; part < 60; part++) {
      int length = SOUND.length * part / 60;
      files.put(
          "cut to %d of %d bytes".formatted(length, SOUND.length), Arrays.copyOf(SOUND, length));
    }
    files.put("without its last byte", Arrays.copyOf(SOUND, SOUND.length - 1));
    files.put("without its first byte", Arrays.copyOfRange(SOUND, 1, SOUND.length));
  }

  private void headers() {
    change("no operator set", ModelProto.Builder::clearOpsetImport);
    change("no graph", ModelProto.Builder::clearGraph);
    change("empty graph", m -> m.setGraph(GraphProto.getDefaultInstance()));
    for (long version : new long[] {0, -1, 9999, HUGE, Long.MIN_VALUE}) {
      change("operator set " + version, m -> m.setOpsetImport(0, operatorSet("", version)));
    }
    change("only a foreign operator set", m -> m.setOpsetImport(0, operatorSet("org.example", 1)));
    change("format version 99", m -> m.setIrVersion(99));
    change("format version -1", m -> m.setIrVersion(-1));
  }

  private static OperatorSetIdProto operatorSet(String domain, long version) {
    return OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version).build();
  }

  private void wiring() {
    graph("node that reads itself", g -> g.addNode(node("Neg", "a", "a")));
    graph("cycle of two", g -> g.addNode(node("Neg", "a", "b")).addNode(node("Neg", "b", "a")));
    graph(
        "cycle of a thousand",
        g -> {
          for (int i = 0; i < 1000; i++) {
            g.addNode(node("Neg", "n" + i, "n" + (i + 1) % 1000));
          }
        });
    graph("value made twice", g -> g.addNode(node("Neg", "input", "x1")));
    graph("input made by a node", g -> g.addNode(node("Neg", "x1", "input")));
    graph("constant made by a node", g -> g.addNode(node("Neg", "x1", "w")));
    graph(
        "two outputs of one name",
        g -> g.addNode(node("Neg", "x1", "z").toBuilder().addOutput("z").build()));
    graph("two constants of one name", g -> g.addInitializer(g.getInitializer(0)));
    graph("two inputs of one name", g -> g.addInput(g.getInput(0)));
    graph("constants lost", GraphProto.Builder::clearInitializer);
    graph("nodes lost", GraphProto.Builder::clearNode);
    graph("inputs lost", GraphProto.Builder::clearInput);
    graph("outputs lost", GraphProto.Builder::clearOutput);
    graph("output that nothing makes", g -> g.getOutputBuilder(0).setName("missing"));
    graph("node without operator", g -> g.getNodeBuilder(1).clearOpType());
    graph("node without inputs", g -> g.getNodeBuilder(1).clearInput());
    graph("node without outputs", g -> g.getNodeBuilder(1).clearOutput());
    graph("node with empty input", g -> g.getNodeBuilder(1).setInput(0, ""));
    graph("node with empty output", g -> g.getNodeBuilder(1).setOutput(0, ""));
    graph("unknown operator", g -> g.getNodeBuilder(1).setOpType("Frobnicate"));
    graph("unknown domain", g -> g.getNodeBuilder(1).setDomain("org.example"));
    graph("operator of endless name", g -> g.getNodeBuilder(1).setOpType("R".repeat(1 << 20)));
    graph("attribute twice", g -> g.getNodeBuilder(0).addAttribute(g.getNode(0).getAttribute(0)));
    graph(
        "attribute of no type",
        g -> g.getNodeBuilder(0).getAttributeBuilder(0).clearType().clearInts());
    graph(
        "attribute of a wrong type",
        g ->
            g.getNodeBuilder(0)
                .getAttributeBuilder(0)
                .clearInts()
                .setType(AttributeProto.AttributeType.FLOAT)
                .setF(3));
    graph("attribute without name", g -> g.getNodeBuilder(0).getAttributeBuilder(0).clearName());
    graph(
        "attribute that refers to one outside",
        g -> g.getNodeBuilder(0).getAttributeBuilder(0).clearInts().setRefAttrName("elsewhere"));
  }

  private void tensors() {
    for (long size : new long[] {-1, 5, HUGE, 1L << 32, Long.MAX_VALUE, Long.MIN_VALUE}) {
      tensor(
          "constant of %d x %<d elements".formatted(size),
          t -> t.clearDims().addDims(size).addDims(size));
    }
    for (int type : new int[] {0, 8, 24, 99, -7}) {
      tensor("constant of type " + type, t -> t.setDataType(type));
    }
    tensor("constant without elements", TensorProto.Builder::clearRawData);
    tensor("constant one byte short", t -> t.setRawData(t.getRawData().substring(1)));
    tensor(
        "constant one byte long",
        t -> t.setRawData(t.getRawData().concat(ByteString.copyFrom(new byte[1]))));
    tensor("constant of other fields", t -> t.clearRawData().addInt64Data(1));
    tensor("constant without name", TensorProto.Builder::clearName);
    tensor(
        "constant of a million dimensions",
        t -> t.clearDims().addAllDims(java.util.Collections.nCopies(1_000_000, 1L)));
    tensor(
        "constant of wrong shape for its node",
        t -> t.clearDims().addDims(3).addDims(4).addDims(3).addDims(3));
    tensor("constant of too few dimensions", t -> t.clearDims().addDims(108));
    tensor("constant of integers for a node of reals", t -> t.setDataType(6));
    graph(
        "sparse constant with indices outside",
        g ->
            g.addSparseInitializer(sparse("s", 1L << 50))
                .addNode(node("Neg", "s", "z"))
                .addOutput(value("z")));
    graph(
        "sparse constant of huge shape",
        g ->
            g.addSparseInitializer(
                    sparse("s", 0).toBuilder().clearDims().addDims(HUGE).addDims(HUGE))
                .addNode(node("Neg", "s", "z"))
                .addOutput(value("z")));
  }

  private static SparseTensorProto sparse(String name, long index) {
    return SparseTensorProto.newBuilder()
        .setValues(TensorProto.newBuilder().setName(name).setDataType(1).addDims(1).addFloatData(1))
        .setIndices(TensorProto.newBuilder().setDataType(7).addDims(1).addInt64Data(index))
        .addDims(4)
        .build();
  }

  private static ValueInfoProto value(String name) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(1)))
        .build();
  }

  private void outsideData() {
    for (String location :
        List.of(
            "../../etc/passwd",
            "/etc/passwd",
            "w.bin",
            "..\\secret",
            "file:///etc/hosts",
            "*/_ORT_MEM_ADDR_/*",
            "",
            "/proc/self/mem",
            "C:\\w",
            "a/../../b")) {
      TensorProto outside = outside(location);
      graph("constant in '" + location + "'", g -> g.setInitializer(0, outside));
      graph("node's constant in '" + location + "'", g -> g.addNode(constant(outside)));
    }
    TensorProto outside = outside("w.bin");
    graph(
        "sparse constant in another file",
        g -> g.addSparseInitializer(SparseTensorProto.newBuilder().setValues(outside).addDims(4)));
    change(
        "function's constant in another file",
        m -> m.addFunctions(FunctionProto.newBuilder().setName("f").addNode(constant(outside))));
    change(
        "training's constant in another file",
        m ->
            m.addTrainingInfo(
                TrainingInfoProto.newBuilder()
                    .setInitialization(GraphProto.newBuilder().addInitializer(outside))));
    graph(
        "nested constant in another file",
        g ->
            g.addNode(
                branch("If", "then_branch", GraphProto.newBuilder().addInitializer(outside))));
  }

  private static TensorProto outside(String location) {
    return TensorProto.newBuilder()
        .setName("w")
        .setDataType(1)
        .addDims(4)
        .addExternalData(StringStringEntryProto.newBuilder().setKey("location").setValue(location))
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .build();
  }

  private static NodeProto constant(TensorProto tensor) {
    return node("Constant", "", "k").toBuilder()
        .clearInput()
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("value")
                .setType(AttributeProto.AttributeType.TENSOR)
                .setT(tensor))
        .build();
  }

  private void declarations() {
    for (long size : new long[] {HUGE, Long.MAX_VALUE, 1 << 20}) {
      graph(
          "input of %d rows and columns".formatted(size),
          g ->
              g.getInputBuilder(0)
                  .getTypeBuilder()
                  .getTensorTypeBuilder()
                  .getShapeBuilder()
                  .setDim(2, dimension(size))
                  .setDim(3, dimension(size)));
    }
    graph("input without type", g -> g.getInputBuilder(0).clearType());
    graph(
        "input without shape",
        g -> g.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().clearShape());
    graph(
        "input of unknown type",
        g -> g.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(77));
    graph(
        "input of strings",
        g -> g.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(8));
    graph(
        "input of integers",
        g -> g.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(7));
    graph(
        "input of too few channels",
        g ->
            g.getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .setDim(1, dimension(2)));
    graph(
        "input of too few dimensions",
        g ->
            g.getInputBuilder(0)
                .getTypeBuilder()
                .getTensorTypeBuilder()
                .getShapeBuilder()
                .removeDim(3));
    graph(
        "input that is a sequence",
        g ->
            g.getInputBuilder(0)
                .setType(
                    TypeProto.newBuilder()
                        .setSequenceType(
                            TypeProto.Sequence.newBuilder().setElemType(g.getInput(0).getType()))));
    graph(
        "output of wrong type",
        g -> g.getOutputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(7));
  }

  private static ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension dimension(long size) {
    return ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(size).build();
  }

  private void nestedGraphs() {
    graph("branch without graphs", g -> g.addNode(node("If", "input", "z")).addOutput(value("z")));
    graph(
        "branch that reads what nothing makes",
        g ->
            g.addNode(
                branch(
                    "If",
                    "then_branch",
                    GraphProto.newBuilder()
                        .addNode(node("Neg", "nowhere", "q"))
                        .addOutput(value("q")))));
    graph(
        "branch that reads its own result",
        g ->
            g.addNode(
                branch(
                    "If",
                    "then_branch",
                    GraphProto.newBuilder().addNode(node("Neg", "z", "q")).addOutput(value("q")))));
    GraphProto.Builder deep = GraphProto.newBuilder().setName("g");
    for (int level = 0; level < 40; level++) {
      deep = GraphProto.newBuilder().setName("g").addNode(branch("If", "then_branch", deep));
    }
    GraphProto.Builder deepest = deep;
    graph("branches in branches", g -> g.addNode(branch("If", "then_branch", deepest)));
  }

  private static NodeProto branch(String operator, String attribute, GraphProto.Builder graph) {
    return node(operator, "input", "z").toBuilder()
        .addAttribute(
            AttributeProto.newBuilder()
                .setName(attribute)
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(graph))
        .build();
  }

  private void functions() {
    function(
        "function that calls itself", node("F", "a", "b").toBuilder().setDomain("local").build());
    function("function of an unknown operator", node("Frobnicate", "a", "b"));
    function("function that reads what nothing makes", node("Neg", "nowhere", "b"));
    function("function whose output nothing makes", node("Neg", "a", "c"));
  }

  private void function(String what, NodeProto body) {
    change(
        what,
        m ->
            m.addOpsetImport(operatorSet("local", 1))
                .addFunctions(
                    FunctionProto.newBuilder()
                        .setName("F")
                        .setDomain("local")
                        .addOpsetImport(operatorSet("", 17))
                        .addOpsetImport(operatorSet("local", 1))
                        .addInput("a")
                        .addOutput("b")
                        .addNode(body))
                .getGraphBuilder()
                .addNode(node("F", "input", "z").toBuilder().setDomain("local"))
                .addOutput(value("z")));
  }

  private static NodeProto node(String operator, String input, String output) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .setName("culprit-" + output)
        .addInput(input)
        .addOutput(output)
        .build();
  }

  private void change(String what, Consumer<ModelProto.Builder> change) {
    try {
      ModelProto.Builder model = ModelProto.parseFrom(SOUND).toBuilder();
      change.accept(model);
      files.put(what, model.build().toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private void graph(String what, Consumer<GraphProto.Builder> change) {
    change(what, model -> change.accept(model.getGraphBuilder()));
  }

  /** Changes the weights of the convolution, float [4, 3, 3, 3]. */
  private void tensor(String what, Consumer<TensorProto.Builder> change) {
    graph(what, g -> change.accept(g.getInitializerBuilder(0)));
  }
}
