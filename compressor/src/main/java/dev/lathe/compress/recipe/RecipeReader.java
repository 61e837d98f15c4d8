package dev.lathe.compress.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.lathe.compress.Calibrator;
import dev.lathe.compress.CompressionException;
import dev.lathe.compress.Int8Options;
import dev.lathe.compress.MixedPrecision;
import dev.lathe.compress.channel.ChannelPruning;
import dev.lathe.compress.fixed.FixedSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads recipes from YAML (or JSON):
 *
 * <pre>
 * name: small
 * steps:
 *   - simplify
 *   - int8: {calibrator: percentile, percent: 99.99, images: 256, float: [conv0]}
 * </pre>
 */
public final class RecipeReader {
  private RecipeReader() {}

  /**
   * Reads a recipe.
   *
   * @throws CompressionException naming the step and field that is wrong
   */
  public static CompressionRecipe read(String text) {
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new CompressionException("the recipe is no YAML: " + e.getOriginalMessage());
    }
    JsonNode list = root == null ? null : root.get("steps");
    if (list == null || !list.isArray() || list.isEmpty()) {
      throw new CompressionException(
          "the recipe has no list 'steps'. Maybe begin with 'steps:' and one step a line after '- '.");
    }
    List<CompressionStep> steps = new ArrayList<>();
    for (JsonNode entry : list) {
      steps.add(step(steps.size() + 1, entry));
    }
    try {
      return new CompressionRecipe(root.path("name").asText("recipe"), steps);
    } catch (IllegalArgumentException e) {
      throw new CompressionException(e.getMessage());
    }
  }

  private static CompressionStep step(int number, JsonNode entry) {
    if (entry.isTextual()) {
      return step(new Fields(number, entry.asText(), new YAMLMapper().createObjectNode()));
    }
    if (entry.isObject() && entry.size() == 1) {
      Map.Entry<String, JsonNode> only = entry.properties().iterator().next();
      return step(new Fields(number, only.getKey(), only.getValue()));
    }
    throw new CompressionException(
        "step %d must be a name, or a name with options.".formatted(number));
  }

  private static CompressionStep step(Fields fields) {
    try {
      CompressionStep step =
          switch (fields.step) {
            case "simplify" -> new CompressionStep.Simplify();
            case "equalize" -> new CompressionStep.Equalize();
            case "int8" -> new CompressionStep.Int8(int8(fields));
            case "mixed" ->
                new CompressionStep.Mixed(
                    int8(fields),
                    new MixedPrecision.Settings(
                        fields.number("leastDecibels", Double.NEGATIVE_INFINITY),
                        fields.integer("trials", MixedPrecision.Settings.DEFAULT.trials()),
                        fields.number("gain", MixedPrecision.Settings.DEFAULT.gain())));
            case "kernels" -> new CompressionStep.Kernels();
            case "half-storage" -> new CompressionStep.HalfStorage();
            case "weight-only" ->
                new CompressionStep.WeightOnly(
                    fields.integer("bits", 8),
                    fields.integer("block", 32),
                    fields.choice("rounding", CompressionStep.Rounding.NEAREST));
            case "low-rank" -> new CompressionStep.LowRank(fields.number("share", 0.5));
            case "monarch" ->
                new CompressionStep.MonarchMatrices(
                    fields.integer("blocks", 4), fields.number("share", 0.25));
            case "codebook" ->
                new CompressionStep.Codebook(
                    fields.integer("length", 8),
                    fields.integer("clusters", 256),
                    fields.flag("lowRank", false),
                    fields.flag("dataAware", true));
            case "prune" ->
                new CompressionStep.Prune(
                    fields.number("zeros", 0.5), fields.flag("dataAware", true));
            case "two-of-four" ->
                new CompressionStep.TwoOfFour(
                    fields.flag("dataAware", true), fields.flag("permute", true));
            case "prune-channels" ->
                new CompressionStep.PruneChannels(
                    new ChannelPruning.Settings(
                        fields.number("share", 0.25),
                        fields.integer("multiple", 8),
                        fields.flag("reconstruct", true)));
            case "fixed-point" ->
                new CompressionStep.FixedPointNumbers(
                    new FixedSettings(
                        fields.integer("activationBits", 8),
                        fields.integer("weightBits", 8),
                        fields.integer("hot", 0),
                        fields.integer("images", 64)));
            case "smooth" ->
                new CompressionStep.Smooth(
                    fields.number("alpha", 0.5), fields.integer("images", 64));
            case "fine-tune" -> {
              CompressionStep.FineTune usual = CompressionStep.FineTune.DEFAULT;
              yield new CompressionStep.FineTune(
                  fields.integer("steps", (int) usual.steps()),
                  fields.integer("batch", usual.batch()),
                  fields.number("learningRate", usual.learningRate()),
                  fields.number("labels", usual.labels()),
                  fields.number("temperature", usual.temperature()));
            }
            default ->
                throw new CompressionException(
                    "step %d: there is no step '%s'. Maybe simplify, equalize, int8, mixed, kernels, half-storage, weight-only, low-rank, monarch, codebook, prune, two-of-four, prune-channels, smooth, fixed-point or fine-tune."
                        .formatted(fields.number, fields.step));
          };
      fields.refuseUnread();
      return step;
    } catch (IllegalArgumentException e) {
      throw new CompressionException(
          "step %d (%s): %s".formatted(fields.number, fields.step, e.getMessage()));
    }
  }

  private static Int8Options int8(Fields fields) {
    Int8Options base = Int8Options.DEFAULT;
    return new Int8Options(
        calibrator(fields),
        fields.choice("weights", base.weights()),
        fields.flag("equalize", base.equalize()),
        fields.flag("correctBias", base.correctBias()),
        fields.flag("reducedRange", base.reducedRange()),
        fields.names("float"),
        fields.integer("images", base.images()),
        fields.integer("activationBits", base.activationBits()));
  }

  private static Calibrator calibrator(Fields fields) {
    String name = fields.text("calibrator", "mse");
    return switch (name) {
      case "min-max" -> new Calibrator.MinMax();
      case "moving-average" -> new Calibrator.MovingAverage(fields.number("weight", 0.01));
      case "percentile" -> new Calibrator.Percentile(fields.number("percent", 99.99));
      case "entropy" -> new Calibrator.Entropy();
      case "mse" -> new Calibrator.MeanSquaredError();
      default ->
          throw new IllegalArgumentException(
              "there is no calibrator '%s'. Maybe min-max, moving-average, percentile, entropy or mse."
                  .formatted(name));
    };
  }

  /** The options of one step; knows which of them were read. */
  private static final class Fields {
    private final int number;
    private final String step;
    private final JsonNode node;
    private final Set<String> read = new HashSet<>();

    Fields(int number, String step, JsonNode node) {
      this.number = number;
      this.step = step;
      this.node = node;
    }

    private JsonNode at(String field) {
      read.add(field);
      return node.path(field);
    }

    double number(String field, double fallback) {
      JsonNode value = at(field);
      if (!value.isMissingNode() && !value.isNumber()) {
        throw new IllegalArgumentException("'%s' must be a number.".formatted(field));
      }
      return value.asDouble(fallback);
    }

    int integer(String field, int fallback) {
      JsonNode value = at(field);
      if (!value.isMissingNode() && !value.isInt()) {
        throw new IllegalArgumentException("'%s' must be a whole number.".formatted(field));
      }
      return value.asInt(fallback);
    }

    boolean flag(String field, boolean fallback) {
      JsonNode value = at(field);
      if (!value.isMissingNode() && !value.isBoolean()) {
        throw new IllegalArgumentException("'%s' must be true or false.".formatted(field));
      }
      return value.asBoolean(fallback);
    }

    String text(String field, String fallback) {
      return at(field).asText(fallback);
    }

    <E extends Enum<E>> E choice(String field, E fallback) {
      String text = text(field, fallback.name());
      String wanted = text.toUpperCase(Locale.ROOT).replace('-', '_');
      for (E candidate : fallback.getDeclaringClass().getEnumConstants()) {
        if (candidate.name().equals(wanted)) {
          return candidate;
        }
      }
      throw new IllegalArgumentException("'%s' cannot be '%s'.".formatted(field, text));
    }

    Set<String> names(String field) {
      Set<String> names = new LinkedHashSet<>();
      at(field).forEach(name -> names.add(name.asText()));
      return names;
    }

    void refuseUnread() {
      node.fieldNames()
          .forEachRemaining(
              field -> {
                if (!read.contains(field)) {
                  throw new IllegalArgumentException(
                      "there is no option '%s'. Maybe one of %s.".formatted(field, read));
                }
              });
    }
  }
}
