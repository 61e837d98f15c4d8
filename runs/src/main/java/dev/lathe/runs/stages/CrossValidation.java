package dev.lathe.runs.stages;

import dev.lathe.data.Accuracy;
import dev.lathe.data.DataSet;
import dev.lathe.data.LabelledImages;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.supernet.Evaluator;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * How good networks are where images are few: each is trained once without every fold and judged on
 * that fold, in every form as the file it would be, and in the end trained on all. So every image
 * is learnt from, and every image judges networks that did not see it.
 */
final class CrossValidation {
  /** With a file's key before it: the fact that holds its {@link Accuracy} on images not seen. */
  static final String UNSEEN = ".crossValidated";

  private static final int STATISTICS_IMAGES = 512;
  private static final int QUANTIZATION_IMAGES = 256;

  private final Run run;
  private final Folds folds;

  CrossValidation(Run run, Folds folds) {
    this.run = run;
    this.folds = folds;
  }

  /** Gives a network that learnt from some images. */
  interface Training {
    /**
     * Trains it.
     *
     * @param key of this training
     * @param taught its training images are learnt from
     * @param statistics for batch norms, of these images
     */
    OnnxGraph train(String key, DataSet taught, Evaluator statistics, Solo.Watcher watcher);
  }

  /**
   * What came of it.
   *
   * @param network that learnt from all images
   * @param accuracy over all folds, by form
   */
  record Judged(OnnxGraph network, Map<Form, Accuracy> accuracy) {}

  /** Trains so many networks for each. */
  static int trainings() {
    return Folds.COUNT + 1;
  }

  Judged judge(String key, Collection<Form> forms, Training training, Solo.Watcher watcher) {
    Map<Form, Accuracy> sum = new LinkedHashMap<>();
    for (int f = 0; f < Folds.COUNT; f++) {
      double done = f;
      String fold = key + ".fold-" + (f + 1);
      DataSet taught = folds.without(f);
      LabelledImages held = folds.held(f);
      for (Form form : forms) {
        String fact = fold + "-" + form.name();
        if (run.facts().get(fact, Accuracy.class).isEmpty()) {
          judge(
              fold,
              taught,
              held,
              forms,
              training,
              (fraction, message) ->
                  watcher.at(
                      (done + fraction) / trainings(),
                      "fold %d of %d, %s".formatted((int) done + 1, Folds.COUNT, message)));
        }
        sum.merge(form, run.facts().get(fact, Accuracy.class).orElseThrow(), Accuracy::and);
      }
    }
    try (Evaluator statistics = evaluator(folds.data(), run.data().validation())) {
      OnnxGraph network =
          training.train(
              key,
              folds.data(),
              statistics,
              (fraction, message) ->
                  watcher.at((Folds.COUNT + fraction) / trainings(), "all images, " + message));
      return new Judged(network, sum);
    }
  }

  private void judge(
      String fold,
      DataSet taught,
      LabelledImages held,
      Collection<Form> forms,
      Training training,
      Solo.Watcher watcher) {
    try (Evaluator judge = evaluator(taught, held)) {
      OnnxGraph network = training.train(fold, taught, judge, watcher);
      int side = Evaluator.side(network);
      TrainingImages images = new TrainingImages(taught, run.streams(), QUANTIZATION_IMAGES, side);
      List<Callable<Accuracy>> tasks = new ArrayList<>();
      for (Form form : forms) {
        byte[] file = (form.isFloat32() ? network : form.write(network, images, false)).toBytes();
        tasks.add(() -> judge.accuracy(file, side));
      }
      List<Accuracy> accuracies = run.workers().run(tasks);
      int at = 0;
      for (Form form : forms) {
        run.facts().put(fold + "-" + form.name(), accuracies.get(at++));
      }
    }
  }

  private Evaluator evaluator(DataSet taught, LabelledImages images) {
    return new Evaluator(
        DataFacts.lessons(taught, run.settings()),
        run.model().isPresent() ? 1 : STATISTICS_IMAGES,
        images,
        run.data().normalization(),
        run.data().classes().size(),
        run.streams(),
        run.workers());
  }
}
