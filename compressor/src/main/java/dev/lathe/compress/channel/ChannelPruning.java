package dev.lathe.compress.channel;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.GramMatrices;
import dev.lathe.compress.WeightRows;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * Removes whole channels, through residual sums and depthwise convolutions. A channel's importance
 * is the energy that it brings to those who read it: the sum of their squared weights times the
 * mean square of what these multiply. The weights of the readers are then fitted anew, by least
 * squares, to what the removed channels gave (He et al.: Channel Pruning for Accelerating Very Deep
 * Neural Networks, 2017, arXiv:1707.06168).
 */
public final class ChannelPruning {
  private static final double DAMPING = 0.01;

  private final OnnxGraph graph;
  private final Settings settings;
  private final Map<String, double[]> grams;

  /**
   * How much is removed.
   *
   * @param share of the channels of each group, in (0, 1)
   * @param multiple of which the number of channels kept is one: 8 or 16 suit vector units
   * @param reconstruct whether the readers' weights are fitted anew
   */
  public record Settings(double share, int multiple, boolean reconstruct) {
    public Settings {
      if (!(share > 0 && share < 1) || multiple < 1) {
        throw new IllegalArgumentException(
            "share must be in (0, 1) and multiple at least 1, not %s and %d."
                .formatted(share, multiple));
      }
    }
  }

  /**
   * What was removed.
   *
   * @param groups pruned
   * @param fixed groups that cannot be
   * @param before channels of the pruned groups
   * @param after channels of these that are left
   */
  public record Result(int groups, int fixed, int before, int after) {}

  private ChannelPruning(OnnxGraph graph, Settings settings, Map<String, double[]> grams) {
    this.graph = graph;
    this.settings = settings;
    this.grams = grams;
  }

  /** Prunes a simplified graph in place. */
  public static Result apply(OnnxGraph graph, Settings settings, CalibrationData data, int images) {
    List<ChannelGroup> groups = ChannelGroups.of(graph);
    List<OnnxNode> readers =
        groups.stream()
            .filter(group -> !group.fixed())
            .flatMap(group -> group.readers().stream())
            .map(reader -> graph.producer(reader.output()).orElseThrow())
            .filter(node -> node.isOneOf("Conv", "Gemm", "MatMul"))
            .toList();
    ChannelPruning pruning =
        new ChannelPruning(graph, settings, GramMatrices.collect(graph, readers, data, images));
    int pruned = 0;
    int fixed = 0;
    int before = 0;
    int after = 0;
    for (ChannelGroup group : groups) {
      if (group.fixed()) {
        fixed++;
        continue;
      }
      int[] kept = pruning.prune(group);
      if (kept.length < group.channels()) {
        pruned++;
        before += group.channels();
        after += kept.length;
      }
    }
    return new Result(pruned, fixed, before, after);
  }

  private int[] prune(ChannelGroup group) {
    int channels = group.channels();
    int steps = (int) Math.round((1 - settings.share()) * channels / settings.multiple());
    int keep = Math.min(channels, Math.max(1, steps) * settings.multiple());
    double[] importance = new double[channels];
    group.readers().forEach(reader -> addImportance(importance, reader));
    int[] kept =
        Arrays.stream(sorted(importance))
            .limit(keep)
            .mapToInt(Integer::intValue)
            .sorted()
            .toArray();
    if (keep < channels) {
      if (settings.reconstruct()) {
        group.readers().forEach(reader -> refit(reader, kept, channels));
      }
      group.select(graph, kept);
    }
    return kept;
  }

  private static Integer[] sorted(double[] importance) {
    Integer[] order = new Integer[importance.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble((Integer i) -> -importance[i]));
    return order;
  }

  private void addImportance(double[] importance, ChannelGroup.Reader reader) {
    double[] gram = grams.get(reader.output());
    if (gram != null) {
      WeightRows rows = rows(reader);
      int each = rows.columns() / importance.length;
      for (int i = 0; i < rows.values().length; i++) {
        int column = i % rows.columns();
        double weight = rows.values()[i];
        importance[column / each] += weight * weight * gram[column * rows.columns() + column];
      }
      return;
    }
    TensorValue tensor = graph.initializer(reader.slot().constant()).orElseThrow();
    long inner = reader.slot().block();
    for (int i = reader.slot().axis() + 1; i < tensor.rank(); i++) {
      inner *= tensor.dim(i);
    }
    float[] values = tensor.floats();
    for (int i = 0; i < values.length; i++) {
      importance[(int) (i / inner % importance.length)] += (double) values[i] * values[i];
    }
  }

  private WeightRows rows(ChannelGroup.Reader reader) {
    return WeightRows.of(graph, graph.producer(reader.output()).orElseThrow());
  }

  /** W' = W G_S (G_SS + λI)⁻¹ on the columns S that stay. */
  private void refit(ChannelGroup.Reader reader, int[] kept, int channels) {
    double[] gram = grams.get(reader.output());
    if (gram == null) {
      return;
    }
    WeightRows rows = rows(reader);
    int all = rows.columns();
    int each = all / channels;
    int[] columns = new int[kept.length * each];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = kept[i / each] * each + i % each;
    }
    DMatrixRMaj inner = new DMatrixRMaj(columns.length, columns.length);
    DMatrixRMaj cross = new DMatrixRMaj(columns.length, all);
    double mean = 0;
    for (int i = 0; i < columns.length; i++) {
      for (int j = 0; j < all; j++) {
        cross.set(i, j, gram[columns[i] * all + j]);
      }
      for (int j = 0; j < columns.length; j++) {
        inner.set(i, j, gram[columns[i] * all + columns[j]]);
      }
      mean += inner.get(i, i) / columns.length;
    }
    for (int i = 0; i < columns.length; i++) {
      inner.add(i, i, Math.max(DAMPING * mean, 1e-12));
      // Columns that stay lose nothing by damping: it pulls towards the old weights.
      cross.add(i, columns[i], Math.max(DAMPING * mean, 1e-12));
    }
    DMatrixRMaj transfer = new DMatrixRMaj(columns.length, all);
    if (!CommonOps_DDRM.solve(inner, cross, transfer)) {
      return;
    }
    float[] changed = rows.values().clone();
    for (int row = 0; row < rows.rows(); row++) {
      for (int i = 0; i < columns.length; i++) {
        double sum = 0;
        for (int j = 0; j < all; j++) {
          sum += rows.values()[row * all + j] * transfer.get(i, j);
        }
        changed[row * all + columns[i]] = (float) sum;
      }
    }
    rows.write(graph, changed);
  }
}
