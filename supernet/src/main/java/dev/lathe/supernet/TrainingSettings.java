package dev.lathe.supernet;

import dev.lathe.data.Augmentation;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.supernet.optimizer.Optimizer;

/**
 * How weights are trained: an optimizer, a linear warm-up and a cosine decay to zero (Loshchilov,
 * Hutter, arXiv 1608.03983).
 *
 * @param steps in all
 * @param batch images a step
 * @param peakLearningRate after the warm-up
 * @param warmup share of the steps in which the learning rate rises, in [0, 1)
 * @param optimizer with its momentum and weight decay
 * @param clipNorm bound on the gradient's Euclidean norm
 * @param labelSmoothing share of the label spread over all classes, in [0, 1)
 * @param augmentation random changes of the training images
 */
public record TrainingSettings(
    long steps,
    int batch,
    double peakLearningRate,
    double warmup,
    Optimizer.Choice optimizer,
    double clipNorm,
    double labelSmoothing,
    Augmentation augmentation) {
  public TrainingSettings {
    check("steps", steps, 1, 1e9);
    check("batch", batch, 1, 65536);
    check("peakLearningRate", peakLearningRate, 1e-9, 100);
    check("warmup", warmup, 0, 0.99);
    check("clipNorm", clipNorm, 1e-6, 1e9);
    check("labelSmoothing", labelSmoothing, 0, 0.99);
  }

  private static void check(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "%s must lie in [%s, %s], not %s.".formatted(name, least, most, value));
    }
  }

  /** The largest batch that is usual; the recipe was tuned with it. */
  private static final int USUAL_BATCH = 128;

  private static final double USUAL_PEAK = 0.5;

  /** For batches of half the usual size and below, which were tuned apart. */
  private static final double LEAST_PEAK = 0.25;

  /** Nothing above it was tried. */
  private static final double MOST_PEAK = 1;

  private static final int LEAST_BATCH = 8;

  /**
   * Settings that suit short trainings on small images: batch 128, stochastic gradient descent with
   * momentum 0.9 and weight decay 1e-3, peak 0.5, 10 % warm-up, label smoothing 0.1 (Szegedy et
   * al., arXiv 1512.00567). What else was tried is told in docs/architecture.md.
   */
  public static TrainingSettings of(long steps, Augmentation augmentation) {
    return new TrainingSettings(
        steps,
        USUAL_BATCH,
        USUAL_PEAK,
        0.1,
        new Optimizer.Choice.Sgd(0.9, 1e-3),
        5,
        0.1,
        augmentation);
  }

  /** The batch for so many training images: an eighth of them, 8 to 128, a power of two. */
  public static int usualBatch(int images) {
    return Math.clamp(Integer.highestOneBit(Math.max(1, images / 8)), LEAST_BATCH, USUAL_BATCH);
  }

  /**
   * Likewise for a network of a kind: at most 64 where a convolution is grouped. Depthwise networks
   * hardly see more images a second in larger batches, so that more steps are worth more to them.
   */
  public static int usualBatch(int images, OnnxGraph network) {
    boolean grouped =
        network.nodes().stream().anyMatch(node -> node.is("Conv") && node.integer("group", 1) != 1);
    return Math.min(usualBatch(images), grouped ? USUAL_BATCH / 2 : USUAL_BATCH);
  }

  public TrainingSettings withSteps(long other) {
    return new TrainingSettings(
        other, batch, peakLearningRate, warmup, optimizer, clipNorm, labelSmoothing, augmentation);
  }

  public TrainingSettings withPeakLearningRate(double other) {
    return new TrainingSettings(
        steps, batch, other, warmup, optimizer, clipNorm, labelSmoothing, augmentation);
  }

  /**
   * With another batch, and the peak of the learning rate in proportion to it (Goyal et al., arXiv
   * 1706.02677), from 0.25 to 1.
   */
  public TrainingSettings withBatch(int other) {
    return new TrainingSettings(
        steps,
        other,
        Math.clamp(USUAL_PEAK * other / USUAL_BATCH, LEAST_PEAK, MOST_PEAK),
        warmup,
        optimizer,
        clipNorm,
        labelSmoothing,
        augmentation);
  }

  public TrainingSettings withOptimizer(Optimizer.Choice other) {
    return new TrainingSettings(
        steps, batch, peakLearningRate, warmup, other, clipNorm, labelSmoothing, augmentation);
  }

  /** The learning rate of a step, counted from 0. */
  public double learningRate(long step) {
    double rise = Math.max(1, warmup * steps);
    if (step < rise) {
      return peakLearningRate * (step + 1) / rise;
    }
    double share = Math.min(1, (step - rise) / Math.max(1, steps - rise));
    return peakLearningRate * 0.5 * (1 + Math.cos(Math.PI * share));
  }
}
