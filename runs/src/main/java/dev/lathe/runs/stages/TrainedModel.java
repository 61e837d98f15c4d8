package dev.lathe.runs.stages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.data.DataException;
import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.farm.Sha256;
import dev.lathe.runs.SpaceDefinition;
import dev.lathe.runs.slim.Lessons;
import dev.lathe.runs.slim.SortedModel;
import dev.lathe.space.elastic.FixedGroup;

/**
 * A trained model whose cuts are the space of a run, its channels sorted by what they contribute.
 *
 * @param lessons by which cuts are fitted, chosen and trained
 */
record TrainedModel(
    BroughtModel brought, SortedModel.Order order, SortedModel sorted, Lessons lessons) {
  private static final String ORDER = "model.order";
  private static final String PREFIX = "model-";
  private static final int DIGEST = 12;

  /**
   * Sorts the channels of a model, or as they were sorted before a restart.
   *
   * @param data normalized as the model takes it
   * @throws DataException if it has other classes than the model
   */
  static TrainedModel of(
      BroughtModel brought, DataSet data, Settings settings, Facts facts, Progress progress) {
    DataSet taught =
        DataFacts.balances(data, settings)
            ? data.withTrain(DataFacts.lessons(data, settings))
            : data;
    Lessons lessons;
    try {
      lessons =
          Lessons.of(
              brought.graph(),
              taught,
              brought
                  .feed()
                  .withNumbers(
                      brought.graph(),
                      dev.lathe.compress.calibration.ImageOptions.NONE,
                      data.normalization()),
              true);
    } catch (IllegalArgumentException e) {
      throw new DataException(String.valueOf(e.getMessage()));
    }
    SortedModel.Order order =
        facts.once(
            ORDER,
            SortedModel.Order.class,
            () ->
                SortedModel.order(
                    brought.graph(), lessons.calibration(), lessons.search(), progress));
    return new TrainedModel(
        brought, order, SortedModel.of(brought.graph(), order, lessons.calibration()), lessons);
  }

  /** The space as requests name it. */
  SpaceDefinition definition() {
    return new SpaceDefinition(
        name(),
        "Cuts of a trained model: %d groups of channels, %d residual branches."
            .formatted(
                sorted.space().structure().groups().size(),
                sorted.space().structure().branches().size()),
        Facts.JSON.createObjectNode().put("model", brought.reference()).toString(),
        sorted.space().size().toString(),
        sorted.space().genes().size());
  }

  private String name() {
    return PREFIX + Sha256.of(brought.file()).substring(0, DIGEST);
  }

  /** Whether it is the key of cuts of a model of that reference. */
  static boolean isKey(String key, String reference) {
    return key.startsWith(PREFIX) && key.endsWith(Run.keyOf("", reference));
  }

  /** The key under which predictors for cuts of this model are stored. */
  String key() {
    return Run.keyOf(name(), brought.reference());
  }

  /** Adds what a report says of the model. */
  void describe(ObjectNode node) {
    node.put("reference", brought.reference()).put("bytes", brought.file().length);
    node.put("order", order.chosen());
    order.scores().forEach(node.putObject("orders")::put);
    ArrayNode whole = node.putArray("keptWhole");
    for (FixedGroup group : sorted.space().structure().fixed()) {
      whole
          .addObject()
          .put("channels", group.name())
          .put("size", group.size())
          .put("node", group.pin().where())
          .put("reason", group.pin().why());
    }
  }
}
