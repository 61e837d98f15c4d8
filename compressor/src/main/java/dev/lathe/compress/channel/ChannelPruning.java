package dev.lathe.compress.channel;

import dev.lathe.compress.CalibrationData;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.elastic.Cut;
import dev.lathe.space.elastic.ElasticStructure;
import java.util.Arrays;
import java.util.Set;

/**
 * Removes the same share of every group of channels, those that contribute least, wherever sums,
 * depthwise convolutions and joined axes tie them together.
 */
public final class ChannelPruning {
  private ChannelPruning() {}

  /**
   * How much is removed.
   *
   * @param share of the channels of each group, in (0, 1)
   * @param multiple of which the number of channels kept is one: 8 or 16 suit vector units
   * @param reconstruct whether the readers' weights are fitted anew, see {@link Refitting}
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
   * @param graph that is left
   * @param groups pruned
   * @param fixed groups that cannot be
   * @param before channels of the pruned groups
   * @param after channels of these that are left
   */
  public record Result(OnnxGraph graph, int groups, int fixed, int before, int after) {}

  /** Prunes a simplified graph, which is left as it is. */
  public static Result apply(OnnxGraph graph, Settings settings, CalibrationData data, int images) {
    ElasticStructure structure = ElasticStructure.of(graph);
    ChannelReaders readers = ChannelReaders.of(structure, data, images);
    int[][] kept = ChannelOrder.ENERGY.orders(readers);
    int pruned = 0;
    int before = 0;
    int after = 0;
    for (int group = 0; group < kept.length; group++) {
      int channels = kept[group].length;
      int steps = (int) Math.round((1 - settings.share()) * channels / settings.multiple());
      int keep = Math.min(channels, Math.max(1, steps) * settings.multiple());
      kept[group] = Arrays.copyOf(kept[group], keep);
      Arrays.sort(kept[group]);
      if (keep < channels) {
        pruned++;
        before += channels;
        after += keep;
      }
    }
    Cut cut = Cut.of(structure, kept, Set.of());
    return new Result(
        settings.reconstruct() ? new Refitting(readers).graph(cut) : cut.graph(),
        pruned,
        structure.fixed().size(),
        before,
        after);
  }
}
