package dev.lathe.space.elastic;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model with some of its channels and branches left out.
 *
 * <p>A choice of channels is an ordered list of ranks for every group: kept are those listed, in
 * that order.
 */
public final class Cut implements ShapeRewriting.Extents {
  private final ElasticStructure structure;
  private final int[][] kept;
  private final Set<String> withoutSums;

  private Cut(ElasticStructure structure, int[][] kept, Set<String> withoutSums) {
    this.structure = structure;
    this.kept = kept;
    this.withoutSums = withoutSums;
  }

  /**
   * Keeps listed channels, in the order of the list.
   *
   * @param kept for each group of the structure the ranks of the channels that are kept
   * @param withoutSums sums of the branches that are left out
   */
  public static Cut of(ElasticStructure structure, int[][] kept, Set<String> withoutSums) {
    List<WidthGroup> groups = structure.groups();
    if (kept.length != groups.size()) {
      throw new IllegalArgumentException(
          "%d lists of channels for %d groups.".formatted(kept.length, groups.size()));
    }
    for (int g = 0; g < kept.length; g++) {
      int size = groups.get(g).size();
      boolean sound =
          kept[g].length >= 1
              && Arrays.stream(kept[g]).allMatch(rank -> rank >= 0 && rank < size)
              && Arrays.stream(kept[g]).distinct().count() == kept[g].length;
      if (!sound) {
        throw new IllegalArgumentException(
            "channels %s of group '%s' must be one or more of 0 to %d, each once."
                .formatted(Arrays.toString(kept[g]), groups.get(g).name(), size - 1));
      }
    }
    return new Cut(structure, kept, Set.copyOf(withoutSums));
  }

  /** Keeps the first channels of each group. */
  public static Cut leading(ElasticStructure structure, int[] widths, Set<String> withoutSums) {
    int[][] kept = new int[widths.length][];
    Arrays.setAll(kept, g -> identity(widths[g]));
    return of(structure, kept, withoutSums);
  }

  private static int[] identity(int size) {
    int[] ranks = new int[size];
    Arrays.setAll(ranks, i -> i);
    return ranks;
  }

  @Override
  public int of(String value, int axis) {
    int[] codes = structure.grouping().codes(value, axis);
    return codes.length == 0
        ? Math.toIntExact(structure.sizes().type(value).dim(axis))
        : before(value, axis, codes.length);
  }

  @Override
  public int before(String value, int axis, int entry) {
    int[] codes = structure.grouping().codes(value, axis);
    if (codes.length == 0) {
      return entry;
    }
    int left = 0;
    for (int i = 0; i < entry; i++) {
      left +=
          codes[i] == Grouping.KEPT || (codes[i] & 0xffff) < kept[codes[i] >> 16].length ? 1 : 0;
    }
    return left;
  }

  /**
   * Which entries of the uncut axis stand where in the cut one. A cut by count alone decides how
   * many remain and where; the lists decide which channel takes which of these places.
   */
  public int[] entries(String value, int axis) {
    int[] codes = structure.grouping().codes(value, axis);
    if (codes.length == 0) {
      return identity(Math.toIntExact(structure.sizes().type(value).dim(axis)));
    }
    Map<Integer, List<Integer>> occurrences = new HashMap<>();
    for (int i = 0; i < codes.length; i++) {
      occurrences.computeIfAbsent(codes[i], code -> new ArrayList<>()).add(i);
    }
    Map<Integer, Integer> seen = new HashMap<>();
    int[] entries = new int[codes.length];
    int count = 0;
    for (int i = 0; i < codes.length; i++) {
      if (codes[i] == Grouping.KEPT) {
        entries[count++] = i;
        continue;
      }
      int group = codes[i] >> 16;
      int rank = codes[i] & 0xffff;
      int occurrence = seen.merge(codes[i], 1, Integer::sum) - 1;
      if (rank < kept[group].length) {
        entries[count++] = occurrences.get(group << 16 | kept[group][rank]).get(occurrence);
      }
    }
    return Arrays.copyOf(entries, count);
  }

  /** Whether an axis of a constant is other than before. */
  private boolean changes(String value, int axis) {
    int[] codes = structure.grouping().codes(value, axis);
    return Arrays.stream(codes)
        .anyMatch(
            code ->
                code != Grouping.KEPT
                    && ((code & 0xffff) >= kept[code >> 16].length
                        || kept[code >> 16][code & 0xffff] != (code & 0xffff)));
  }

  /** The model with the weights that are left. */
  public OnnxGraph graph() {
    OnnxGraph cut = outline();
    for (TensorValue tensor : List.copyOf(cut.initializers())) {
      if (tensor.isShapeOnly()) {
        TensorValue whole = structure.graph().initializer(tensor.name()).orElseThrow();
        cut.addInitializer(selected(whole));
      }
    }
    return cut;
  }

  private TensorValue selected(TensorValue tensor) {
    TensorValue result = tensor;
    for (int axis = 0; axis < tensor.rank(); axis++) {
      if (changes(tensor.name(), axis)) {
        result = Entries.select(result, axis, entries(tensor.name(), axis));
      }
    }
    return result;
  }

  /**
   * The model with shapes in the place of those weights that the cut changes: names and shapes are
   * those of {@link #graph()}.
   */
  public OnnxGraph outline() {
    OnnxGraph cut = structure.graph().copy();
    for (ResidualBranch branch : structure.branches()) {
      if (withoutSums.contains(branch.sum())) {
        remove(cut, branch);
      }
    }
    cut.removeUnused();
    ShapeRewriting rewriting = new ShapeRewriting(cut, structure.sizes(), this);
    List.copyOf(cut.nodes()).forEach(rewriting::rewrite);
    for (TensorValue tensor : List.copyOf(cut.initializers())) {
      if (structure.graph().initializer(tensor.name()).isPresent()
          && tensor.type() == ElementType.FLOAT) {
        outline(cut, tensor);
      }
    }
    cut.removeUnused();
    return cut;
  }

  private void outline(OnnxGraph cut, TensorValue tensor) {
    long[] dims = tensor.dims();
    boolean changed = false;
    for (int axis = 0; axis < dims.length; axis++) {
      changed |= changes(tensor.name(), axis);
      dims[axis] = of(tensor.name(), axis, dims[axis]);
    }
    if (changed) {
      cut.addInitializer(TensorValue.shapeOnly(tensor.name(), ElementType.FLOAT, dims));
    }
  }

  private long of(String constant, int axis, long whole) {
    int[] codes = structure.grouping().codes(constant, axis);
    return codes.length == 0 ? whole : before(constant, axis, codes.length);
  }

  private static void remove(OnnxGraph cut, ResidualBranch branch) {
    OnnxNode add = cut.producer(branch.sum()).orElse(null);
    if (add == null) {
      return;
    }
    // The kept value may itself be the sum of a branch that is gone, and have another name by now.
    String made = cut.producer(add.inputs().get(0)).map(OnnxNode::output).orElse("");
    String kept = add.inputs().get(branch.nodes().contains(made) ? 1 : 0);
    List<OnnxNode> behind = cut.consumers(branch.sum());
    cut.redirect(branch.sum(), kept);
    cut.remove(add);
    for (OnnxNode node : behind) {
      // What is positive already needs no second Relu.
      boolean twice =
          node.is("Relu")
              && cut.producer(kept).filter(before -> before.is("Relu")).isPresent()
              && !cut.isOutput(node.output())
              && !cut.isCaptured(node.output());
      if (twice) {
        cut.redirect(node.output(), kept);
      }
    }
  }
}
