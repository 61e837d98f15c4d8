package dev.lathe.space.mobile;

import static java.util.Collections.max;

import dev.lathe.graph.Activation;
import dev.lathe.graph.NetworkGraph;
import dev.lathe.graph.Operator;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorShape;
import dev.lathe.graph.TensorSpec;
import dev.lathe.graph.WeightRef.Slice;
import dev.lathe.space.Architecture;
import dev.lathe.space.ChannelGroup;
import dev.lathe.space.Gene;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.program.Programs;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * The networks that a {@link MobileSpec} describes. Choices that the description leaves open are
 * genes; blocks beyond a stage's chosen depth have no effect.
 */
public final class MobileSpace implements NetworkSpace {
  private static final int NO_GENE = -1;

  private final MobileSpec spec;
  private final int classes;
  private final List<Gene> genes = new ArrayList<>();
  private final int resolutionGene;
  private final List<StageGenes> stageGenes = new ArrayList<>();

  private record StageGenes(int width, int depth, List<BlockGenes> blocks) {}

  private record BlockGenes(int kernel, int expansion, int squeezeExcite, int activation) {}

  /**
   * A space for images of a number of classes.
   *
   * @throws IllegalArgumentException if there are fewer than two classes
   */
  public MobileSpace(MobileSpec spec, int classes) {
    if (classes < 2) {
      throw new IllegalArgumentException(
          "a classifier needs at least 2 classes, not %d.".formatted(classes));
    }
    this.spec = spec;
    this.classes = classes;
    this.resolutionGene = gene("resolution", spec.resolutions());
    for (int s = 0; s < spec.stages().size(); s++) {
      MobileSpec.Stage stage = spec.stages().get(s);
      String name = stageName(s);
      int width = gene(name + ".width", stage.widths());
      int depth = gene(name + ".depth", stage.depths());
      List<BlockGenes> blocks = new ArrayList<>();
      for (int b = 0; b < max(stage.depths()); b++) {
        String block = blockName(s, b);
        blocks.add(
            new BlockGenes(
                gene(block + ".kernel", stage.kernels()),
                gene(block + ".expansion", stage.expansions()),
                gene(block + ".squeezeExcite", stage.squeezeExcite()),
                gene(
                    block + ".activation",
                    stage.activations().stream().map(Activation::label).toList())));
      }
      stageGenes.add(new StageGenes(width, depth, List.copyOf(blocks)));
    }
  }

  static String stageName(int stage) {
    return "stage" + (stage + 1);
  }

  static String blockName(int stage, int block) {
    return stageName(stage) + ".block" + (block + 1);
  }

  private int gene(String name, List<?> choices) {
    if (choices.size() == 1) {
      return NO_GENE;
    }
    genes.add(new Gene(name, choices.stream().map(String::valueOf).toList()));
    return genes.size() - 1;
  }

  private static <T> T chosen(Architecture architecture, int gene, List<T> choices) {
    return choices.get(gene == NO_GENE ? 0 : architecture.choice(gene));
  }

  public MobileSpec spec() {
    return spec;
  }

  public int classes() {
    return classes;
  }

  @Override
  public String name() {
    return spec.name();
  }

  @Override
  public List<Gene> genes() {
    return List.copyOf(genes);
  }

  @Override
  public boolean[] active(Architecture architecture) {
    boolean[] active = NetworkSpace.super.active(architecture);
    for (int s = 0; s < stageGenes.size(); s++) {
      StageGenes stage = stageGenes.get(s);
      int depth = chosen(architecture, stage.depth(), spec.stages().get(s).depths());
      for (BlockGenes block : stage.blocks().subList(depth, stage.blocks().size())) {
        for (int gene :
            new int[] {
              block.kernel(), block.expansion(), block.squeezeExcite(), block.activation()
            }) {
          if (gene != NO_GENE) {
            active[gene] = false;
          }
        }
      }
    }
    return active;
  }

  @Override
  public BigInteger size() {
    BigInteger size = BigInteger.valueOf(spec.resolutions().size());
    for (MobileSpec.Stage stage : spec.stages()) {
      BigInteger block =
          BigInteger.valueOf(
              (long) stage.kernels().size()
                  * stage.expansions().size()
                  * stage.squeezeExcite().size()
                  * stage.activations().size());
      BigInteger blocks =
          stage.depths().stream().map(block::pow).reduce(BigInteger.ZERO, BigInteger::add);
      size = size.multiply(blocks).multiply(BigInteger.valueOf(stage.widths().size()));
    }
    return size;
  }

  /** The side of the input images of an architecture in pixels. */
  public int resolution(Architecture architecture) {
    return chosen(architecture, resolutionGene, spec.resolutions());
  }

  @Override
  public NetworkGraph network(Architecture architecture) {
    check(architecture);
    NetworkGraph.Builder graph = NetworkGraph.builder();
    int side = resolution(architecture);
    String x = graph.input("input", TensorShape.of(spec.channels(), side, side));
    x = stem(graph, x, spec.stem());
    for (int s = 0; s < spec.stages().size(); s++) {
      MobileSpec.Stage stage = spec.stages().get(s);
      StageGenes chosen = stageGenes.get(s);
      int width = chosen(architecture, chosen.width(), stage.widths());
      int depth = chosen(architecture, chosen.depth(), stage.depths());
      for (int b = 0; b < depth; b++) {
        BlockGenes block = chosen.blocks().get(b);
        x =
            new InvertedResidual(
                    blockName(s, b),
                    width,
                    chosen(architecture, block.expansion(), stage.expansions()),
                    chosen(architecture, block.kernel(), stage.kernels()),
                    b == 0 ? stage.stride() : 1,
                    chosen(architecture, block.squeezeExcite(), stage.squeezeExcite()),
                    chosen(architecture, block.activation(), stage.activations()))
                .append(graph, x, max(stage.kernels()));
      }
    }
    return graph.build(head(graph, x, spec.headWidth(), spec.headActivation(), classes));
  }

  @Override
  public Subnet subnet(Architecture architecture) {
    Map<String, List<Integer>> full = tensors();
    return Programs.build(
            new MobileProgram(spec, classes),
            describe(architecture),
            tensor -> full.getOrDefault(tensor, List.of()))
        .subnet();
  }

  @Override
  public Map<String, TensorSpec> specs() {
    Map<String, TensorSpec> used =
        Programs.build(new MobileProgram(spec, classes), describe(largest()), tensor -> List.of())
            .tensors();
    Map<String, TensorSpec> specs = new LinkedHashMap<>();
    tensors().keySet().forEach(name -> specs.put(name, used.get(name)));
    return specs;
  }

  static String stem(NetworkGraph.Builder graph, String input, MobileSpec.Stem stem) {
    Slice weight =
        Slice.leading(
            "stem.weight",
            stem.width(),
            graph.shape(input).channels(),
            stem.kernel(),
            stem.kernel());
    String x =
        graph.add(
            "stem",
            new Operator.Conv2d(weight, Optional.empty(), stem.stride(), stem.kernel() / 2, 1),
            input);
    return InvertedResidual.normalized(graph, "stem", x, Optional.of(stem.activation()));
  }

  static String head(
      NetworkGraph.Builder graph, String x, int width, Activation activation, int classes) {
    String y = InvertedResidual.pointwise(graph, "head", x, width, Optional.of(activation));
    y = graph.add("pool", new Operator.GlobalAveragePool(), y);
    y = graph.add("flat", new Operator.Flatten(), y);
    return graph.add(
        "logits",
        new Operator.Linear(
            Slice.leading("classifier.weight", classes, width),
            Optional.of(Slice.leading("classifier.bias", classes))),
        y);
  }

  @Override
  public Map<String, List<Integer>> tensors() {
    Map<String, List<Integer>> tensors = new LinkedHashMap<>();
    declareStem(tensors, spec.channels(), spec.stem());
    int in = spec.stem().width();
    for (int s = 0; s < spec.stages().size(); s++) {
      MobileSpec.Stage stage = spec.stages().get(s);
      int width = max(stage.widths());
      for (int b = 0; b < max(stage.depths()); b++) {
        InvertedResidual.declare(
            tensors,
            blockName(s, b),
            in,
            in * max(stage.expansions()),
            width,
            max(stage.kernels()),
            max(stage.expansions()) > 1,
            stage.squeezeExcite().contains(true));
        in = width;
      }
    }
    declareHead(tensors, in, spec.headWidth(), classes);
    return tensors;
  }

  @Override
  public List<ChannelGroup> channelGroups() {
    return new MobileChannels(spec, tensors().keySet()).groups();
  }

  static void declareStem(Map<String, List<Integer>> tensors, int channels, MobileSpec.Stem stem) {
    tensors.put("stem.weight", List.of(stem.width(), channels, stem.kernel(), stem.kernel()));
    InvertedResidual.declareNorm(tensors, "stem", stem.width());
  }

  static void declareHead(Map<String, List<Integer>> tensors, int in, int width, int classes) {
    tensors.put("head.weight", List.of(width, in, 1, 1));
    InvertedResidual.declareNorm(tensors, "head", width);
    tensors.put("classifier.weight", List.of(classes, width));
    tensors.put("classifier.bias", List.of(classes));
  }

  @Override
  public Architecture largest() {
    return extreme(list -> list.indexOf(list.stream().max(Integer::compare).orElseThrow()), true);
  }

  @Override
  public Architecture smallest() {
    return extreme(list -> list.indexOf(list.stream().min(Integer::compare).orElseThrow()), false);
  }

  private Architecture extreme(ToIntFunction<List<Integer>> pick, boolean gated) {
    int[] choices = new int[genes.size()];
    set(choices, resolutionGene, pick.applyAsInt(spec.resolutions()));
    for (int s = 0; s < stageGenes.size(); s++) {
      MobileSpec.Stage stage = spec.stages().get(s);
      StageGenes chosen = stageGenes.get(s);
      set(choices, chosen.width(), pick.applyAsInt(stage.widths()));
      set(choices, chosen.depth(), pick.applyAsInt(stage.depths()));
      for (BlockGenes block : chosen.blocks()) {
        set(choices, block.kernel(), pick.applyAsInt(stage.kernels()));
        set(choices, block.expansion(), pick.applyAsInt(stage.expansions()));
        set(choices, block.squeezeExcite(), stage.squeezeExcite().indexOf(gated));
      }
    }
    return canonical(Architecture.of(choices));
  }

  private static void set(int[] choices, int gene, int choice) {
    if (gene != NO_GENE) {
      choices[gene] = choice;
    }
  }
}
