package dev.lathe.compress.recipe;

import dev.lathe.compress.Int8Options;
import dev.lathe.compress.MixedPrecision;
import dev.lathe.compress.channel.ChannelPruning;
import dev.lathe.compress.fixed.FixedSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An ordered list of compression steps. Kernels are chosen last of all; a recipe with mixed
 * precision, which is measured with chosen kernels, ends with that step even if it is not named.
 *
 * @param name for people and files
 * @param steps applied one after the other
 */
public record CompressionRecipe(String name, List<CompressionStep> steps) {
  private static final String FINE_TUNE = "+fine-tune";

  /**
   * @throws IllegalArgumentException if a step comes after the choice of kernels
   */
  public CompressionRecipe {
    int kernels = steps.indexOf(new CompressionStep.Kernels());
    if (kernels >= 0 && kernels < steps.size() - 1) {
      throw new IllegalArgumentException(
          "step %d (kernels) must be the last: %s after it would undo its choices."
              .formatted(kernels + 1, steps.get(kernels + 1).name()));
    }
    boolean measured = steps.stream().anyMatch(step -> step instanceof CompressionStep.Mixed);
    steps =
        measured && kernels < 0
            ? Stream.concat(steps.stream(), Stream.of(new CompressionStep.Kernels())).toList()
            : List.copyOf(steps);
  }

  /**
   * The recipe of a name: one of {@link #known}, or one of these with {@value #FINE_TUNE} after it.
   * Kernels are chosen after the training.
   */
  public static Optional<CompressionRecipe> named(String name) {
    if (!name.endsWith(FINE_TUNE)) {
      return Optional.ofNullable(known().get(name));
    }
    return named(name.substring(0, name.length() - FINE_TUNE.length()))
        .map(
            first -> {
              List<CompressionStep> steps = new ArrayList<>(first.steps());
              boolean kernels = steps.getLast() instanceof CompressionStep.Kernels;
              steps.add(steps.size() - (kernels ? 1 : 0), CompressionStep.FineTune.DEFAULT);
              return new CompressionRecipe(first.name() + "-tuned", steps);
            });
  }

  /** The recipes that can be chosen by name. */
  public static Map<String, CompressionRecipe> known() {
    Map<String, CompressionRecipe> known = new LinkedHashMap<>();
    add(known, "float32", new CompressionStep.Simplify());
    add(
        known,
        "int8",
        new CompressionStep.Int8(Int8Options.DEFAULT),
        new CompressionStep.Kernels());
    add(known, "int8-portable", new CompressionStep.Int8(Int8Options.DEFAULT));
    add(
        known,
        "mixed",
        new CompressionStep.Mixed(Int8Options.DEFAULT, MixedPrecision.Settings.DEFAULT));
    add(
        known,
        "int8-smooth",
        new CompressionStep.Smooth(0.5, 64),
        new CompressionStep.Int8(Int8Options.DEFAULT),
        new CompressionStep.Kernels());
    add(known, "int16", new CompressionStep.Int8(Int8Options.DEFAULT.withActivationBits(16)));
    add(known, "half", new CompressionStep.Simplify(), new CompressionStep.HalfStorage());
    add(known, "weights8", weightOnly(8, CompressionStep.Rounding.NEAREST));
    add(known, "weights4", weightOnly(4, CompressionStep.Rounding.NEAREST));
    add(known, "weights4-gptq", weightOnly(4, CompressionStep.Rounding.GPTQ));
    add(known, "weights4-adaround", weightOnly(4, CompressionStep.Rounding.ADAROUND));
    add(known, "low-rank", new CompressionStep.Simplify(), new CompressionStep.LowRank(0.5));
    add(
        known,
        "monarch",
        new CompressionStep.Simplify(),
        new CompressionStep.MonarchMatrices(4, 0.25));
    add(
        known,
        "codebook",
        new CompressionStep.Simplify(),
        new CompressionStep.Codebook(8, 256, false, true));
    add(
        known,
        "lr2vq",
        new CompressionStep.Simplify(),
        new CompressionStep.Codebook(8, 256, true, true));
    add(known, "pruned", new CompressionStep.Simplify(), new CompressionStep.Prune(0.5, true));
    add(
        known,
        "two-of-four",
        new CompressionStep.Simplify(),
        new CompressionStep.TwoOfFour(true, true));
    add(known, "fixed", new CompressionStep.FixedPointNumbers(new FixedSettings(8, 8, 0, 64)));
    add(
        known,
        "fixed-shift-add",
        new CompressionStep.FixedPointNumbers(new FixedSettings(8, 8, 2, 64)));
    add(
        known,
        "channels",
        new CompressionStep.PruneChannels(new ChannelPruning.Settings(0.25, 8, true)));
    return known;
  }

  private static CompressionStep weightOnly(int bits, CompressionStep.Rounding rounding) {
    return new CompressionStep.WeightOnly(bits, bits == 8 ? 128 : 32, rounding);
  }

  private static void add(
      Map<String, CompressionRecipe> known, String name, CompressionStep... steps) {
    known.put(name, new CompressionRecipe(name, List.of(steps)));
  }
}
