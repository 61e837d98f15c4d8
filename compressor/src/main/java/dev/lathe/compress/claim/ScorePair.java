package dev.lathe.compress.claim;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.compress.calibration.LabelledItems;
import dev.lathe.onnx.OnnxGraph;
import java.util.Optional;

/**
 * One score on two sets of items that share none.
 *
 * @param choice items to choose by
 * @param test items to test with
 */
public record ScorePair(Scoring choice, Scoring test) {
  private static final int CHOICE = 512;
  private static final int TEST = 20_000;

  /**
   * The score of a program if there is one; accuracy where labels are known; else agreement with
   * the original.
   */
  public static ScorePair of(
      OnnxGraph original, CalibrationSource source, Optional<String> command) {
    if (command.isPresent()) {
      return source.test().isPresent()
          ? new ScorePair(
              labelled(command.get(), source.validation().orElseThrow()),
              labelled(command.get(), source.test().get()))
          : divided(original, source, data -> new CommandScore(command.get(), data, new int[0]));
    }
    Optional<Scoring> choice = Scoring.accuracy(original, source.validation());
    Optional<Scoring> test = Scoring.accuracy(original, source.test());
    return choice.isPresent() && test.isPresent()
        ? new ScorePair(choice.get(), test.get())
        : divided(original, source, data -> new Scoring.Agreement(original, data));
  }

  private static Scoring labelled(String command, LabelledItems items) {
    return new CommandScore(command, items.data(), items.labels());
  }

  private interface Made {
    Scoring of(CalibrationData data);
  }

  private static ScorePair divided(OnnxGraph original, CalibrationSource source, Made made) {
    CalibrationData data = source.test().map(LabelledItems::data).orElse(source.heldOut());
    int run = Math.max(1, data.itemsARun(original));
    int choice = Math.max(run, Math.min(CHOICE, data.images() / 3) / run * run);
    int all = Math.min(data.images(), choice + TEST) / run * run;
    return new ScorePair(
        made.of(data.between(0, Math.min(choice, all))),
        made.of(choice < all ? data.between(choice, all) : data));
  }
}
