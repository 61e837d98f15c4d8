package dev.lathe.supernet.onnx;

import dev.lathe.data.Augmentation;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.optimizer.Optimizer;

/**
 * How a compressed model learns from the model that it came from: cross-entropy with the labels,
 * and with the teacher's answers softened by a temperature (Hinton et al., arXiv 1503.02531).
 * Adam's learning rate rises over a twentieth of the steps and falls to zero along a cosine.
 *
 * @param steps in all
 * @param batch images a step
 * @param learningRate Adam's, at its peak
 * @param labels weight of the labels, in [0, 1]; the rest is the teacher's; 0 needs no labels
 * @param temperature by which logits are divided before they are compared
 * @param seed of order and augmentation
 */
public record FineTuning(
    long steps, int batch, double learningRate, double labels, double temperature, long seed) {
  /** A thousand steps of 64 images, the teacher's answers alone. */
  public static final FineTuning DEFAULT = new FineTuning(1000, 64, 1e-3, 0, 2, 1);

  private static final double WARM_UP = 0.05;

  public FineTuning {
    check("steps", steps, 1, 1e9);
    check("batch", batch, 1, 65536);
    check("learningRate", learningRate, 1e-9, 1);
    check("labels", labels, 0, 1);
    check("temperature", temperature, 0.1, 100);
  }

  private static void check(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "%s must lie in [%s, %s], not %s.".formatted(name, least, most, value));
    }
  }

  /** Adam without decay; the gradient is taken as it is. */
  TrainingSettings training() {
    return new TrainingSettings(
        steps,
        batch,
        learningRate,
        WARM_UP,
        Optimizer.Choice.AdamW.of(0),
        1e9,
        0,
        Augmentation.none());
  }

  /**
   * Images to learn from.
   *
   * @param images as the model takes them but for normalization; labels are read only where they
   *     weigh
   */
  public record Lessons(
      LabelledImages images, Normalization normalization, Augmentation augmentation) {}
}
