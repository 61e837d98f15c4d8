package dev.lathe.space.elastic;

import dev.lathe.graph.Initializer;
import dev.lathe.graph.NormStatistics;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import dev.lathe.graph.WeightRef;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.NetworkSpace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A trained model as a search space: genes say how many channels of each group are kept (the first
 * of them: sort the channels before, by what they contribute), which residual branches, and which
 * size of image it takes. The shared weights are the model's own.
 */
public final class ElasticModel implements NetworkSpace {
  private static final int SHARES = 8;

  private final String name;
  private final ElasticStructure structure;
  private final List<Gene> genes = new ArrayList<>();
  private final List<int[]> widths = new ArrayList<>();
  private final List<ResidualBranch> branches;
  private final List<InputSize> inputSizes;
  private final Map<String, TensorSpec> specs = new LinkedHashMap<>();

  /** For each group the outputs of the nodes that have its channels among their weights. */
  private final List<Set<String>> owners = new ArrayList<>();

  /**
   * What may be chosen.
   *
   * @param branches whether residual branches may be left out
   * @param inputSizes whether smaller images may be taken
   */
  public record Freedom(boolean branches, boolean inputSizes) {}

  /**
   * @param structure of a model whose channels are sorted
   * @throws OnnxException if nothing can be left out; tells why
   */
  public ElasticModel(String name, ElasticStructure structure, Freedom freedom) {
    this.name = name;
    this.structure = structure;
    for (WidthGroup group : structure.groups()) {
      int[] choices = widths(group.size());
      widths.add(choices);
      genes.add(
          new Gene(
              "width of " + group.name(), Arrays.stream(choices).mapToObj(w -> "" + w).toList()));
      owners.add(owners(group));
    }
    branches = freedom.branches() ? structure.branches() : List.of();
    branches.forEach(b -> genes.add(new Gene("branch of " + b.name(), List.of("no", "yes"))));
    inputSizes = freedom.inputSizes() ? structure.inputSizes().reversed() : List.of();
    if (inputSizes.size() > 1) {
      genes.add(
          new Gene(
              "image size", inputSizes.stream().map(s -> s.height() + "x" + s.width()).toList()));
    }
    if (genes.isEmpty()) {
      throw new OnnxException("nothing can be left out of the model. " + reasons(structure));
    }
    describeTensors();
  }

  private void describeTensors() {
    Set<String> statistics = moments(structure.graph(), cut(largest())).keySet();
    for (TensorValue tensor : structure.graph().initializers()) {
      boolean trained =
          tensor.type() == ElementType.FLOAT
              && tensor.elements() > 1
              && structure.isFollowed(tensor.name())
              && !statistics.contains(tensor.name());
      if (trained) {
        List<Integer> shape = Arrays.stream(tensor.dims()).mapToObj(Math::toIntExact).toList();
        specs.put(
            tensor.name(),
            shape.size() > 1
                ? TensorSpec.weights(shape, new Initializer.KaimingFanOut())
                : TensorSpec.vector(shape, Initializer.zeros()));
      }
    }
  }

  private static String reasons(ElasticStructure structure) {
    List<String> told =
        structure.fixed().stream()
            .map(f -> "The %d channels of %s: %s.".formatted(f.size(), f.name(), f.pin()))
            .toList();
    return told.isEmpty()
        ? "It has no channels between weights. Maybe simplify it, or export it in float32."
        : String.join(" ", told);
  }

  /** Up to eight widths in equal steps, multiples of what suits vector units. */
  private static int[] widths(int size) {
    int multiple = size >= 64 ? 8 : size >= 16 ? 4 : 1;
    return java.util.stream.IntStream.rangeClosed(1, SHARES)
        .map(
            share ->
                share == SHARES
                    ? size
                    : Math.clamp(
                        Math.round((float) size * share / SHARES / multiple) * (long) multiple,
                        Math.min(multiple, size),
                        size))
        .distinct()
        .toArray();
  }

  private Set<String> owners(WidthGroup group) {
    Set<String> nodes = new HashSet<>();
    for (WidthGroup.Place place : group.places()) {
      structure.graph().consumers(place.tensor()).forEach(node -> nodes.add(node.output()));
    }
    return nodes;
  }

  @Override
  public String name() {
    return name;
  }

  public ElasticStructure structure() {
    return structure;
  }

  @Override
  public List<Gene> genes() {
    return List.copyOf(genes);
  }

  private int branchGene(int branch) {
    return widths.size() + branch;
  }

  private boolean isRemoved(Architecture architecture, int branch) {
    return architecture.choice(branchGene(branch)) == 0;
  }

  @Override
  public boolean[] active(Architecture architecture) {
    check(architecture);
    Set<String> gone = new HashSet<>();
    for (int b = 0; b < branches.size(); b++) {
      if (isRemoved(architecture, b)) {
        gone.addAll(branches.get(b).nodes());
      }
    }
    boolean[] active = new boolean[genes.size()];
    Arrays.fill(active, true);
    for (int g = 0; g < widths.size(); g++) {
      active[g] = !gone.containsAll(owners.get(g));
    }
    for (int b = 0; b < branches.size(); b++) {
      active[branchGene(b)] = !gone.contains(branches.get(b).sum());
    }
    return active;
  }

  /** What an architecture leaves out. */
  public Cut cut(Architecture architecture) {
    Architecture known = canonical(architecture);
    int[] kept = new int[widths.size()];
    Arrays.setAll(kept, g -> widths.get(g)[known.choice(g)]);
    Set<String> without = new HashSet<>();
    for (int b = 0; b < branches.size(); b++) {
      if (isRemoved(known, b)) {
        without.add(branches.get(b).sum());
      }
    }
    return Cut.leading(structure, kept, without);
  }

  /** A graph that an architecture's cut makes, taking the images that the architecture wants. */
  public OnnxGraph sized(OnnxGraph cut, Architecture architecture) {
    return inputSizes.size() < 2
        ? cut
        : inputSizes.get(architecture.choice(genes.size() - 1)).apply(cut);
  }

  @Override
  public Subnet subnet(Architecture architecture) {
    Cut cut = cut(architecture);
    OnnxGraph graph = sized(cut.outline(), architecture).copy();
    Map<String, WeightRef> weights = new LinkedHashMap<>();
    Map<String, WeightRef.Moment> moments = moments(graph, cut);
    for (TensorValue tensor : List.copyOf(graph.initializers())) {
      WeightRef reference =
          moments.containsKey(tensor.name())
              ? moments.get(tensor.name())
              : specs.containsKey(tensor.name())
                  ? reference(tensor.name(), cut, 0, new ArrayList<>())
                  : null;
      if (reference != null) {
        weights.put(tensor.name(), reference);
        graph.addInitializer(
            TensorValue.shapeOnly(
                tensor.name(),
                ElementType.FLOAT,
                reference.shape().stream().mapToLong(Integer::longValue).toArray()));
      }
    }
    return new Subnet(graph, weights);
  }

  private static Map<String, WeightRef.Moment> moments(OnnxGraph graph, Cut cut) {
    Map<String, WeightRef.Moment> moments = new LinkedHashMap<>();
    for (OnnxNode node : graph.nodes()) {
      if (node.is("BatchNormalization")) {
        for (WeightRef.Moment.Kind kind : WeightRef.Moment.Kind.values()) {
          String tensor = node.inputs().get(kind == WeightRef.Moment.Kind.MEAN ? 3 : 4);
          moments.put(tensor, new WeightRef.Moment(node.name(), kind, cut.of(tensor, 0)));
        }
      }
    }
    return moments;
  }

  /** The statistics that the model itself has of its norms, of an architecture's channels. */
  public NormStatistics statistics(Architecture architecture) {
    OnnxGraph graph = cut(architecture).graph();
    Map<String, NormStatistics.Moments> moments = new LinkedHashMap<>();
    for (OnnxNode node : graph.nodes()) {
      if (node.is("BatchNormalization")) {
        moments.put(
            node.name(),
            new NormStatistics.Moments(
                graph.initializer(node.inputs().get(3)).orElseThrow().floats(),
                graph.initializer(node.inputs().get(4)).orElseThrow().floats()));
      }
    }
    return new NormStatistics(moments);
  }

  /** Boxes of a stored tensor, joined along the axes that are cut in several places. */
  private WeightRef reference(String tensor, Cut cut, int axis, List<WeightRef.Window> windows) {
    int rank = structure.graph().initializer(tensor).orElseThrow().rank();
    if (axis == rank) {
      return new WeightRef.Slice(tensor, windows);
    }
    List<WeightRef> parts = new ArrayList<>();
    for (WeightRef.Window window : windows(cut.entries(tensor, axis))) {
      List<WeightRef.Window> all = new ArrayList<>(windows);
      all.add(window);
      parts.add(reference(tensor, cut, axis + 1, all));
    }
    return parts.size() == 1 ? parts.getFirst() : new WeightRef.Joined(axis, parts);
  }

  /** Runs of consecutive entries. */
  private static List<WeightRef.Window> windows(int[] entries) {
    List<WeightRef.Window> windows = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= entries.length; i++) {
      if (i == entries.length || entries[i] != entries[i - 1] + 1) {
        windows.add(new WeightRef.Window(entries[from], i - from));
        from = i;
      }
    }
    return windows;
  }

  @Override
  public Map<String, TensorSpec> specs() {
    return Collections.unmodifiableMap(specs);
  }

  /** The values of a shared tensor with which the model comes, row-major. */
  public float[] values(String tensor) {
    return structure.graph().initializer(tensor).orElseThrow().floats();
  }

  @Override
  public Architecture largest() {
    return Architecture.of(genes.stream().mapToInt(gene -> gene.size() - 1).toArray());
  }

  @Override
  public Architecture smallest() {
    return canonical(Architecture.of(new int[genes.size()]));
  }
}
