package dev.lathe.runs.slim;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.channel.ChannelOrder;
import dev.lathe.compress.channel.ChannelReaders;
import dev.lathe.compress.channel.Refitting;
import dev.lathe.data.Progress;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.elastic.Cut;
import dev.lathe.space.elastic.ElasticModel;
import dev.lathe.space.elastic.ElasticStructure;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A trained model whose channels are sorted by what they contribute, as a space of cuts, and what
 * is needed to fit the readers of what is cut.
 *
 * @param space its architectures are the cuts
 */
public record SortedModel(ElasticModel space, Refitting refitting) {
  private static final int STATISTICS_ITEMS = 256;
  private static final ElasticModel.Freedom FREEDOM = new ElasticModel.Freedom(true, false);

  /**
   * How channels are sorted.
   *
   * @param chosen by which measure
   * @param scores what was left at three quarters and half of the channels, by measure
   * @param channels of each group, those first that are worth most
   */
  public record Order(String chosen, Map<String, Double> scores, int[][] channels) {}

  /**
   * Refuses a model of which nothing can be left out.
   *
   * @throws OnnxException naming what prevents it
   */
  public static void requireElastic(OnnxGraph model) {
    ElasticModel unused = new ElasticModel("model", ElasticStructure.of(model), FREEDOM);
  }

  /** The order whose cuts to three quarters and to a half keep most. */
  public static Order order(OnnxGraph model, CalibrationData data, Judge judge, Progress progress) {
    ElasticStructure structure = ElasticStructure.of(model);
    ChannelReaders readers = ChannelReaders.of(structure, data, STATISTICS_ITEMS);
    Refitting refitting = new Refitting(readers);
    Map<ChannelOrder, Double> scores = new EnumMap<>(ChannelOrder.class);
    Map<ChannelOrder, int[][]> orders = new EnumMap<>(ChannelOrder.class);
    for (ChannelOrder order : ChannelOrder.values()) {
      progress.at(
          (double) order.ordinal() / ChannelOrder.values().length,
          "channels by " + order.name().toLowerCase(Locale.ROOT));
      int[][] all = order.orders(readers);
      double sum = 0;
      for (double share : new double[] {0.75, 0.5}) {
        int[][] kept = new int[all.length][];
        Arrays.setAll(
            kept, g -> Arrays.copyOf(all[g], Math.max(1, (int) Math.round(share * all[g].length))));
        Judge.Score score = judge.of(refitting.graph(Cut.of(structure, kept, Set.of())));
        sum += (score.value() + score.closeness()) / 4;
      }
      orders.put(order, all);
      scores.put(order, sum);
    }
    ChannelOrder best =
        scores.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    Map<String, Double> told = new LinkedHashMap<>();
    scores.forEach((order, score) -> told.put(order.name(), score));
    return new Order(best.name(), told, orders.get(best));
  }

  /**
   * The model in an order.
   *
   * @param data by which readers are fitted
   */
  public static SortedModel of(OnnxGraph model, Order order, CalibrationData data) {
    ElasticStructure structure = ElasticStructure.of(model);
    ElasticStructure sorted =
        ElasticStructure.of(Cut.of(structure, order.channels(), Set.of()).graph());
    return new SortedModel(
        new ElasticModel("model", sorted, FREEDOM),
        new Refitting(ChannelReaders.of(sorted, data, STATISTICS_ITEMS)));
  }

  /** A cut, its readers fitted, not trained. */
  public OnnxGraph graph(Architecture architecture) {
    return space.sized(refitting.graph(space.cut(architecture)), architecture);
  }

  /** A cut of which only the shapes count. */
  public OnnxGraph outline(Architecture architecture) {
    return space.sized(space.cut(architecture).outline(), architecture);
  }
}
