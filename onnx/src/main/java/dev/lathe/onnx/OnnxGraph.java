package dev.lathe.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An ONNX model that can be edited. Reading and writing loses nothing: nodes, attributes and fields
 * that this class does not know are kept as they are. Every value has one name and one producer.
 * Not safe for use by several threads.
 */
public final class OnnxGraph {
  private static final int MAX_OPSET = 1000;

  /** The model without its graph's nodes, initializers, inputs, outputs, shapes and metadata. */
  private final ModelProto.Builder shell;

  private final GraphProto.Builder graphShell;
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final Map<String, TensorValue> initializers = new LinkedHashMap<>();
  private final List<ValueInfoProto> inputs = new ArrayList<>();
  private final List<ValueInfoProto> outputs = new ArrayList<>();
  private final Map<String, ValueInfoProto> declared = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private Map<String, Long> assumed = Map.of();

  /** Names that values and nodes have or once had. */
  private final Set<String> names = new HashSet<>();

  private final Map<String, Integer> fresh = new HashMap<>();
  private Optional<Wiring> wiring = Optional.empty();

  /** A graph of a model without its initializers, and these. */
  private OnnxGraph(ModelProto model, List<TensorValue> constants) {
    GraphProto graph = model.getGraph();
    ExternalData.refuse(model);
    for (NodeProto node : graph.getNodeList()) {
      add(new OnnxNode(node));
    }
    for (TensorValue tensor : constants) {
      if (initializers.put(tensor.name(), tensor) != null) {
        throw new OnnxException("two initializers are named '%s'.".formatted(tensor.name()));
      }
    }
    inputs.addAll(graph.getInputList());
    outputs.addAll(graph.getOutputList());
    names.addAll(initializers.keySet());
    inputs.forEach(info -> names.add(info.getName()));
    graph.getValueInfoList().forEach(info -> declared.put(info.getName(), info));
    model.getMetadataPropsList().forEach(e -> metadata.put(e.getKey(), e.getValue()));
    shell = model.toBuilder().clearGraph().clearMetadataProps();
    graphShell = graph.toBuilder().clearNode().clearInput().clearOutput().clearValueInfo();
  }

  /**
   * Reads a model file, and weights that it keeps in files beside it. The weights of large files
   * stay there: the files must not be changed as long as the graph is used.
   *
   * @throws OnnxException if it cannot be read, or is not a sound model, or keeps data in files
   *     elsewhere
   */
  public static OnnxGraph read(Path file) {
    return read(file, ModelFile.LEAST_FILE_BYTES, ModelFile.LEAST_BYTES);
  }

  static OnnxGraph read(Path file, long leastFileBytes, int leastBytes) {
    if (!Files.isRegularFile(file)) {
      throw new OnnxException(
          "model '%s': %s. Maybe the path is wrong."
              .formatted(
                  file, Files.exists(file) ? "this is not a file" : "there is no such file"));
    }
    try {
      return of(ModelFile.read(file, leastFileBytes, leastBytes));
    } catch (IOException e) {
      throw new OnnxException(
          "model '%s' cannot be read. Maybe this account may not read it (%s)."
              .formatted(file, e.getMessage()),
          e);
    } catch (OnnxException e) {
      throw new OnnxException("model '%s': %s".formatted(file, e.getMessage()), e);
    } catch (OutOfMemoryError e) {
      throw new OnnxException(
          "model '%s' is too large for the memory of this process. Maybe give it more with LATHE_JAVA_OPTS=-Xmx8g."
              .formatted(file),
          e);
    }
  }

  /**
   * Reads a serialized model.
   *
   * @throws OnnxException if it is not a sound model, or keeps data in other files
   */
  public static OnnxGraph parse(byte[] model) {
    return of(ModelFile.parse(model));
  }

  private static OnnxGraph of(ModelFile file) {
    OnnxGraph graph = new OnnxGraph(file.model(), file.initializers());
    graph.wiring().check();
    return graph;
  }

  /** An empty graph on ONNX's operator set of version {@code opset}. */
  public static OnnxGraph create(String name, int opset) {
    ModelProto.Builder model =
        ModelProto.newBuilder()
            .setIrVersion(irVersion(opset))
            .setProducerName("lathe")
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
            .setGraph(GraphProto.newBuilder().setName(name));
    return new OnnxGraph(model.build(), List.of());
  }

  /** The least version of the file format that knows an operator set. */
  private static long irVersion(int opset) {
    return opset >= 21 ? 10 : opset >= 19 ? 9 : 8;
  }

  /**
   * A graph that can be edited without changing this one; tensors are shared, they never change.
   */
  public OnnxGraph copy() {
    OnnxGraph copy = new OnnxGraph(shell.clone().setGraph(graphShell.clone()).build(), List.of());
    copy.nodes.addAll(nodes);
    copy.initializers.putAll(initializers);
    copy.inputs.addAll(inputs);
    copy.outputs.addAll(outputs);
    copy.declared.putAll(declared);
    copy.metadata.putAll(metadata);
    copy.assumed = assumed;
    copy.names.addAll(names);
    copy.fresh.putAll(fresh);
    return copy;
  }

  /**
   * An equal graph, that has the weights of a large one in a file instead of in memory; nobody sees
   * the file, which goes with the graph.
   *
   * @throws OnnxException if they cannot be written
   */
  public OnnxGraph onDisk() {
    OnnxGraph copy = copy();
    if (!TemporaryModel.isSmall(this)) {
      try (TemporaryModel files = TemporaryModel.of(this)) {
        copy.initializers.putAll(read(files.file()).initializers);
      }
    }
    return copy;
  }

  /**
   * The model as a file has it.
   *
   * @throws OnnxException if a tensor has a shape but no elements, or the graph is not sound, or
   *     the model is too large for one file
   */
  public byte[] toBytes() {
    ModelWriter writer = writer();
    if (writer.bytes() > WireLimits.MAX_BYTES) {
      throw new OnnxException(
          "the model has %d bytes, more than the %d that may be in one piece."
              .formatted(writer.bytes(), WireLimits.MAX_BYTES));
    }
    byte[] bytes = new byte[(int) writer.bytes()];
    try {
      writer.write(CodedOutputStream.newInstance(bytes));
    } catch (IOException e) {
      throw new IllegalStateException("an array of the right size took not all", e);
    }
    return bytes;
  }

  /**
   * Bytes of the model as one file.
   *
   * @throws OnnxException as {@link #toBytes}, but not for its size
   */
  public long bytes() {
    return writer().bytes();
  }

  private ModelWriter writer() {
    GraphProto.Builder graph = graphShell.clone();
    Wiring current = wiring();
    current.check();
    nodes().forEach(node -> graph.addNode(node.proto()));
    graph.addAllInput(inputs).addAllOutput(outputs);
    declared.values().stream()
        .filter(info -> current.producers().containsKey(info.getName()))
        .forEach(graph::addValueInfo);
    ModelProto.Builder model = shell.clone().setGraph(graph);
    metadata.forEach(
        (key, value) ->
            model.addMetadataProps(
                StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return new ModelWriter(model.build(), List.copyOf(initializers.values()));
  }

  /**
   * Writes the model to a file that is either whole or not there: into a temporary file beside it
   * that is then moved. A model that is too large for one file has its weights in a second one,
   * {@code NAME.data}.
   *
   * @return bytes written
   * @throws OnnxException if it cannot be written
   */
  public long write(Path file) {
    return writer().write(file, false);
  }

  /** Writes the model with its weights in a second file beside it, whatever their size. */
  void writeApart(Path file) {
    writer().write(file, true);
  }

  /** The graph's name. */
  public String name() {
    return graphShell.getName();
  }

  /**
   * The version of ONNX's own operator set.
   *
   * @throws OnnxException if the model uses none, or one that cannot be
   */
  public int opset() {
    long version =
        shell.getOpsetImportList().stream()
            .filter(set -> isDefault(set.getDomain()))
            .mapToLong(OperatorSetIdProto::getVersion)
            .findFirst()
            .orElseThrow(() -> new OnnxException("the model does not use ONNX's operator set."));
    if (version < 1 || version > MAX_OPSET) {
      throw new OnnxException(
          "operator set %d does not exist. Maybe the file is damaged.".formatted(version));
    }
    return (int) version;
  }

  /**
   * States the version of an operator set, empty for ONNX's own. The nodes are left as they are: it
   * is for the caller to know that they mean the same there.
   */
  public void opset(String domain, int version) {
    for (int i = shell.getOpsetImportCount() - 1; i >= 0; i--) {
      String found = shell.getOpsetImport(i).getDomain();
      if (found.equals(domain) || isDefault(found) && isDefault(domain)) {
        shell.removeOpsetImport(i);
      }
    }
    shell.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version));
    if (isDefault(domain)) {
      shell.setIrVersion(Math.max(shell.getIrVersion(), irVersion(version)));
    }
  }

  private static boolean isDefault(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
  }

  /** The nodes, each after those whose values it takes. */
  public List<OnnxNode> nodes() {
    wiring();
    return Collections.unmodifiableList(nodes);
  }

  /** Adds a node; its place follows from the values that it takes. */
  public void add(OnnxNode node) {
    nodes.add(node);
    remember(node);
  }

  /**
   * Puts nodes in the place of one.
   *
   * @throws OnnxException if {@code old} is not in the graph
   */
  public void replace(OnnxNode old, List<OnnxNode> with) {
    int index = indexOf(old);
    nodes.remove(index);
    nodes.addAll(index, with);
    with.forEach(this::remember);
    changed();
  }

  /**
   * Removes a node; whoever takes its values must be changed too.
   *
   * @throws OnnxException if it is not in the graph
   */
  public void remove(OnnxNode node) {
    nodes.remove(indexOf(node));
    changed();
  }

  /** Puts other nodes in the place of all. */
  public void replaceAll(List<OnnxNode> with) {
    nodes.clear();
    nodes.addAll(with);
    with.forEach(this::remember);
    changed();
  }

  private int indexOf(OnnxNode node) {
    for (int i = 0; i < nodes.size(); i++) {
      OnnxNode candidate = nodes.get(i);
      if (candidate.outputs().equals(node.outputs()) && candidate.equals(node)) {
        return i;
      }
    }
    throw new OnnxException("%s is not in the graph.".formatted(node.label()));
  }

  /** Makes every node and output that takes the value {@code from} take {@code to} instead. */
  public void redirect(String from, String to) {
    if (wiring().captured().contains(from)) {
      throw new OnnxException(
          "value '%s' is used inside a nested graph, it cannot be exchanged.".formatted(from));
    }
    for (OnnxNode consumer : consumers(from)) {
      nodes.set(
          indexOf(consumer),
          consumer.withInputs(
              consumer.inputs().stream().map(i -> i.equals(from) ? to : i).toList()));
    }
    changed();
  }

  /**
   * Mends what newer versions of the format do not allow, or what runtimes read differently: fixes
   * constants that were listed as inputs, states open dimensions as such that were written as −1,
   * names the graph, and states each operator set once.
   *
   * @return what was done, for people
   */
  public List<String> repair() {
    List<String> done = new ArrayList<>();
    int before = inputs.size();
    inputs.removeIf(info -> initializers.containsKey(info.getName()));
    if (inputs.size() < before) {
      done.add("%d constants are inputs no longer".formatted(before - inputs.size()));
    }
    boolean opened = inputs.stream().anyMatch(OnnxGraph::hasNegative);
    inputs.replaceAll(info -> hasNegative(info) ? ValueInfo.of(info).toProto() : info);
    outputs.replaceAll(info -> hasNegative(info) ? ValueInfo.of(info).toProto() : info);
    declared.values().removeIf(OnnxGraph::hasNegative);
    if (opened) {
      done.add("dimensions of -1 are open ones");
    }
    if (graphShell.getName().isEmpty()) {
      graphShell.setName("graph");
    }
    opset("", opset());
    shell.setIrVersion(Math.max(shell.getIrVersion(), irVersion(opset())));
    changed();
    return done;
  }

  private static boolean hasNegative(ValueInfoProto info) {
    return info.getType().hasTensorType()
        && info.getType().getTensorType().getShape().getDimList().stream()
            .anyMatch(dimension -> dimension.hasDimValue() && dimension.getDimValue() < 0);
  }

  /** Values that the model takes; those with a default (initializers) left out. */
  public List<ValueInfo> inputs() {
    return inputs.stream()
        .filter(info -> !initializers.containsKey(info.getName()))
        .map(ValueInfo::of)
        .toList();
  }

  /**
   * Says what sizes the symbolic dimensions of the inputs have wherever a number is needed. The
   * model itself stays as open as it is: the sizes are not written to a file.
   */
  public void assume(Map<String, Long> sizes) {
    assumed = Map.copyOf(sizes);
  }

  /** The sizes of {@link #assume}, by name of the dimension. */
  public Map<String, Long> assumed() {
    return assumed;
  }

  /**
   * Sizes for all symbolic dimensions of the inputs: those of {@code sizes}, those assumed, else
   * the batch for an input's first dimension and 1 for others.
   */
  public Map<String, Long> symbols(long batch, Map<String, Long> sizes) {
    Map<String, Long> symbols = new HashMap<>(assumed);
    symbols.putAll(sizes);
    for (ValueInfo input : inputs()) {
      for (int i = 0; i < input.shape().size(); i++) {
        if (input.shape().get(i) instanceof Dimension.Symbolic(String symbol)) {
          symbols.putIfAbsent(symbol, i == 0 ? batch : 1L);
        }
      }
    }
    return symbols;
  }

  /** Values that the model gives. */
  public List<ValueInfo> outputs() {
    return outputs.stream().map(ValueInfo::of).toList();
  }

  public void addInput(ValueInfo info) {
    inputs.add(info.toProto());
    names.add(info.name());
    changed();
  }

  public void addOutput(ValueInfo info) {
    outputs.add(info.toProto());
    changed();
  }

  /** Makes a value an output, of whatever type it is. */
  public void addOutput(String value) {
    outputs.add(ValueInfoProto.newBuilder().setName(value).build());
    changed();
  }

  public void removeInput(String name) {
    inputs.removeIf(info -> info.getName().equals(name));
    changed();
  }

  public void removeOutput(String name) {
    outputs.removeIf(info -> info.getName().equals(name));
    changed();
  }

  /** Whether the model gives this value. */
  public boolean isOutput(String value) {
    return outputs.stream().anyMatch(info -> info.getName().equals(value));
  }

  /** What the model declares of an inner value, where it does. */
  public Optional<ValueInfo> declared(String value) {
    return Optional.ofNullable(declared.get(value))
        .filter(info -> info.getType().hasTensorType())
        .map(ValueInfo::of);
  }

  /** Drops what the model declares of its inner values: they can be inferred again. */
  public void forgetDeclared() {
    declared.clear();
  }

  public Optional<TensorValue> initializer(String name) {
    return Optional.ofNullable(initializers.get(name));
  }

  public Collection<TensorValue> initializers() {
    return Collections.unmodifiableCollection(initializers.values());
  }

  /** Adds a constant, in place of one of the same name. */
  public void addInitializer(TensorValue tensor) {
    if (initializers.put(tensor.name(), tensor) == null) {
      names.add(tensor.name());
      changed();
    }
  }

  /** Adds a constant under a fresh name that begins with its own; returns that name. */
  public String addConstant(TensorValue tensor) {
    String name = freshName(tensor.name());
    addInitializer(tensor.named(name));
    return name;
  }

  public void removeInitializer(String name) {
    initializers.remove(name);
    inputs.removeIf(info -> info.getName().equals(name));
    changed();
  }

  /** The constant of this name: an initializer, or the tensor of a Constant node. */
  public Optional<TensorValue> constant(String name) {
    TensorValue initializer = initializers.get(name);
    return initializer != null
        ? Optional.of(initializer)
        : producer(name).filter(node -> node.is("Constant")).flatMap(Constants::valueOf);
  }

  /** The node that makes a value; empty for inputs, initializers and unknown names. */
  public Optional<OnnxNode> producer(String value) {
    Integer index = wiring().producers().get(value);
    return index == null ? Optional.empty() : Optional.of(nodes.get(index));
  }

  /** The nodes that take a value, also inside their nested graphs, each once, in order. */
  public List<OnnxNode> consumers(String value) {
    return wiring().consumers().getOrDefault(value, List.of()).stream().map(nodes::get).toList();
  }

  /** Whether a value is used inside a nested graph. */
  public boolean isCaptured(String value) {
    return wiring().captured().contains(value);
  }

  /** Free texts that go with the model, by key; can be changed. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** A name, beginning with {@code prefix}, that neither a value nor a node has. */
  public String freshName(String prefix) {
    while (true) {
      int number = fresh.merge(prefix, 1, Integer::sum) - 1;
      String name = number == 0 ? prefix : prefix + "_" + number;
      if (names.add(name)) {
        return name;
      }
    }
  }

  /**
   * Gives values other names, all at once; names of inputs, outputs and values used inside nested
   * graphs cannot be changed.
   */
  public void rename(Map<String, String> names) {
    for (int i = 0; i < nodes.size(); i++) {
      OnnxNode node = nodes.get(i);
      nodes.set(
          i,
          node.withInputs(node.inputs().stream().map(v -> names.getOrDefault(v, v)).toList())
              .withOutputs(node.outputs().stream().map(v -> names.getOrDefault(v, v)).toList()));
    }
    List<TensorValue> tensors = List.copyOf(initializers.values());
    initializers.clear();
    for (TensorValue tensor : tensors) {
      String name = names.getOrDefault(tensor.name(), tensor.name());
      initializers.put(name, tensor.name().equals(name) ? tensor : tensor.named(name));
    }
    inputs.removeIf(info -> names.containsKey(info.getName()));
    names.keySet().forEach(declared::remove);
    this.names.addAll(names.values());
    changed();
  }

  /** Removes nodes and constants that contribute to no output. */
  public void removeUnused() {
    Wiring current = wiring();
    boolean[] used = new boolean[nodes.size()];
    Set<String> values = new LinkedHashSet<>();
    outputs.forEach(info -> values.add(info.getName()));
    for (int i = nodes.size() - 1; i >= 0; i--) {
      if (nodes.get(i).outputs().stream().anyMatch(values::contains)) {
        used[i] = true;
        values.addAll(current.uses().get(i));
      }
    }
    List<OnnxNode> kept = new ArrayList<>();
    for (int i = 0; i < used.length; i++) {
      if (used[i]) {
        kept.add(nodes.get(i));
      }
    }
    nodes.clear();
    nodes.addAll(kept);
    inputs.removeIf(i -> initializers.containsKey(i.getName()) && !values.contains(i.getName()));
    initializers.keySet().retainAll(values);
    changed();
  }

  private void remember(OnnxNode node) {
    names.add(node.name());
    names.addAll(node.outputs());
    changed();
  }

  private void changed() {
    wiring = Optional.empty();
  }

  private Wiring wiring() {
    if (wiring.isEmpty()) {
      Set<String> given = new LinkedHashSet<>(initializers.keySet());
      inputs.forEach(info -> given.add(info.getName()));
      graphShell
          .getSparseInitializerList()
          .forEach(tensor -> given.add(tensor.getValues().getName()));
      List<String> asked = outputs.stream().map(ValueInfoProto::getName).toList();
      wiring = Optional.of(Wiring.sort(nodes, given, asked));
    }
    return wiring.get();
  }
}
