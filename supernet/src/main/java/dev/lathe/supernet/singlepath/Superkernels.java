package dev.lathe.supernet.singlepath;

import static java.util.Collections.max;
import static java.util.Collections.min;

import dev.lathe.graph.Initializer;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import dev.lathe.graph.WeightRef;
import dev.lathe.graph.WeightRef.Gate;
import dev.lathe.graph.WeightRef.Window;
import dev.lathe.latency.singlepath.Gates;
import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.block.Blocks;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpec;
import dev.lathe.supernet.singlepath.Superkernel.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The one network that holds all networks of a space: every block a {@link Superkernel}. Two
 * departures from the paper (arXiv 1904.02877): gates of channels and of whole blocks multiply what
 * leaves the batch norms instead of the kernel before them, since a batch norm undoes every factor
 * but 0, so that the gradient by a gate before it is nothing while the gate is open, and beyond
 * bounds once it is closed; and a block is skipped together with those behind it in its stage,
 * which are the depths that the space knows.
 */
public final class Superkernels {
  /** Of no block is a gate held. */
  static final Gates FREE = new Gates(Double.NaN, Double.NaN, Double.NaN);

  private final MobileSpace space;
  private final Subnet largest;
  private final Map<String, List<String>> inputs = new HashMap<>();
  private final Set<String> genes;
  private final List<Superkernel> blocks = new ArrayList<>();

  /** A gate that exists: kind of gate, of block. */
  record Position(int block, Kind kind) {}

  private final List<Position> positions = new ArrayList<>();

  /**
   * The superkernels of a space.
   *
   * @throws IllegalArgumentException if the space leaves more open than superkernels can: see
   *     {@link #searchable}
   */
  public Superkernels(MobileSpace space) {
    if (!space.spec().equals(searchable(space.spec()))) {
      throw new IllegalArgumentException(
          "space '%s' leaves more open than two kernels, two expansions and the depth. Maybe search its searchable part."
              .formatted(space.name()));
    }
    this.space = space;
    this.largest = space.subnet(space.largest());
    largest.graph().nodes().forEach(node -> inputs.put(node.name(), node.inputs()));
    this.genes = space.genes().stream().map(Gene::name).collect(Collectors.toSet());
    for (int s = 0; s < space.spec().stages().size(); s++) {
      MobileSpec.Stage stage = space.spec().stages().get(s);
      for (int b = 0; b < max(stage.depths()); b++) {
        String name = "stage%d.block%d".formatted(s + 1, b + 1);
        int hidden = space.specs().get(name + ".depthwise.weight").shape().getFirst();
        int narrow = hidden / max(stage.expansions()) * min(stage.expansions());
        blocks.add(
            new Superkernel(
                name,
                s,
                b,
                hidden,
                narrow,
                max(stage.kernels()),
                min(stage.kernels()),
                b >= min(stage.depths())));
        for (Kind kind : Kind.values()) {
          if (blocks.getLast().has(kind)) {
            positions.add(new Position(blocks.size() - 1, kind));
          }
        }
      }
    }
  }

  /**
   * What superkernels can search of a space: the smallest and the largest kernel and expansion, and
   * all depths between the least and the most; of all else the largest or first (of the stem, the
   * least stride). Expansions of 1, which are no part of larger ones, are left out; so are all but
   * the largest where channels are squeezed.
   */
  public static MobileSpec searchable(MobileSpec spec) {
    return new MobileSpec(
        spec.name(),
        spec.channels(),
        List.of(max(spec.resolutions())),
        new MobileSpec.Stem(
            List.of(Collections.max(spec.stem().widths())),
            spec.stem().kernel(),
            List.of(min(spec.stem().strides())),
            spec.stem().activation()),
        spec.stages().stream().map(Superkernels::searchable).toList(),
        spec.headWidth(),
        spec.headActivation());
  }

  private static MobileSpec.Stage searchable(MobileSpec.Stage stage) {
    if (!stage.blocks().kinds().contains(Blocks.INVERTED_RESIDUAL)) {
      throw new IllegalArgumentException(
          "superkernels need blocks with a depthwise kernel, not %s."
              .formatted(stage.blocks().kinds()));
    }
    boolean squeezes = stage.squeezeExcite().getFirst();
    int most = max(stage.expansions());
    List<Integer> expansions =
        stage.expansions().stream().filter(e -> e == most || (e > 1 && !squeezes)).toList();
    return new MobileSpec.Stage(
        List.of(max(stage.widths())),
        IntStream.rangeClosed(min(stage.depths()), max(stage.depths())).boxed().toList(),
        min(stage.strides()),
        extremes(stage.kernels()),
        extremes(expansions),
        List.of(squeezes),
        List.of(stage.activations().getFirst()));
  }

  private static List<Integer> extremes(List<Integer> choices) {
    return min(choices).equals(max(choices))
        ? List.of(max(choices))
        : List.of(min(choices), max(choices));
  }

  MobileSpace space() {
    return space;
  }

  List<Superkernel> blocks() {
    return Collections.unmodifiableList(blocks);
  }

  /** The gates that exist, in order. */
  List<Position> positions() {
    return Collections.unmodifiableList(positions);
  }

  /** The space's tensors and the gates' thresholds. */
  public Map<String, TensorSpec> specs() {
    Map<String, TensorSpec> tensors = new LinkedHashMap<>(space.specs());
    for (Position position : positions) {
      tensors.put(
          blocks.get(position.block()).threshold(position.kind()),
          TensorSpec.vector(List.of(1), Initializer.zeros()));
    }
    return tensors;
  }

  /** The gates that exist, as computed from the weights. */
  List<Gate.OfNorm> gates() {
    return positions.stream()
        .map(position -> blocks.get(position.block()).gate(position.kind(), FREE, true))
        .toList();
  }

  /**
   * The gates of every block; those that do not exist are open.
   *
   * @param values of the gates that exist
   */
  List<Gates> gates(double[] values) {
    List<Gates> gates = new ArrayList<>(Collections.nCopies(blocks.size(), Gates.OPEN));
    for (int i = 0; i < values.length; i++) {
      Position position = positions.get(i);
      gates.set(
          position.block(),
          Superkernel.with(gates.get(position.block()), position.kind(), values[i]));
    }
    return gates;
  }

  /** The blocks whose presence a block needs: its own, and those before it that may be skipped. */
  List<Integer> presence(int block) {
    List<Integer> needed = new ArrayList<>();
    for (int other = 0; other <= block; other++) {
      if (blocks.get(other).stage() == blocks.get(block).stage() && blocks.get(other).skippable()) {
        needed.add(other);
      }
    }
    return needed;
  }

  /** The architecture that open (1) and closed (0) gates choose. */
  public Architecture architecture(List<Gates> gates) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (int b = 0; b < blocks.size(); b++) {
      Superkernel block = blocks.get(b);
      if (presence(b).stream().allMatch(other -> gates.get(other).present() == 1)) {
        MobileSpec.Stage stage = space.spec().stages().get(block.stage());
        Gates own = gates.get(b);
        put(labels, "stage%d.depth".formatted(block.stage() + 1), block.index() + 1);
        put(labels, block.block() + ".kernel", own.kernel() == 1 ? block.kernel() : block.small());
        put(
            labels,
            block.block() + ".expansion",
            own.channels() == 1 ? max(stage.expansions()) : min(stage.expansions()));
      }
    }
    return space.parse(labels);
  }

  private void put(Map<String, String> labels, String gene, int choice) {
    if (genes.contains(gene)) {
      labels.put(gene, Integer.toString(choice));
    }
  }

  /**
   * The network with its gates.
   *
   * @param chosen 1 for gates that are held open, 0 for those that are held closed and learn, NaN
   *     where the weights decide
   */
  Subnet network(List<Gates> chosen) {
    Map<String, WeightRef> weights = new LinkedHashMap<>(largest.weights());
    for (int b = 0; b < blocks.size(); b++) {
      Superkernel block = blocks.get(b);
      weights.put(
          inputs.get(block.block() + ".depthwise").get(1),
          block.chosenKernel(0, block.hidden(), chosen.get(b)));
      List<Gate> channels = block.effective(Kind.CHANNELS, chosen.get(b));
      gate(weights, block.block() + ".depthwise.norm", channels, block.narrowChannels());
      List<Gate> presence = new ArrayList<>();
      for (int other : presence(b)) {
        presence.addAll(blocks.get(other).effective(Kind.PRESENT, chosen.get(other)));
      }
      gate(weights, block.block() + ".project.norm", presence, List.of());
    }
    return new Subnet(largest.graph(), weights);
  }

  /** Puts scale and shift of a batch norm behind gates. */
  private void gate(
      Map<String, WeightRef> weights, String norm, List<Gate> gates, List<Window> always) {
    for (String parameter : inputs.get(norm).subList(1, 3)) {
      weights.compute(parameter, (_, weight) -> Superkernel.behind(gates, always, weight));
    }
  }
}
