package dev.lathe.supernet;

import java.util.Optional;

/**
 * One network of a training step.
 *
 * @param network to train
 * @param loss by which it learns
 * @param teacher whose answers the loss compares with, if it does
 */
public record Pupil(Network network, Loss loss, Optional<Teacher> teacher) {
  /** Weight of the labels beside a teacher's answers, and how far these are softened. */
  private static final double TAUGHT_LABELS = 0.3;

  private static final double TAUGHT_TEMPERATURE = 2;

  /** Whose answers to the same inputs are learnt from. */
  public sealed interface Teacher {
    /**
     * A network of the same step, as it answered before (in-place distillation).
     *
     * @param index of the step's networks, from 0
     */
    record Earlier(int index) implements Teacher {}

    /** A network that is not trained; it has its weights in its graph. */
    record Fixed(Network network) implements Teacher {}
  }

  /** Learns from the labels. */
  public static Pupil ofLabels(Network network) {
    return new Pupil(network, new Loss.Labels(), Optional.empty());
  }

  /**
   * Learns from the labels and, for the greater part, from a teacher that is not trained, by
   * softened answers (Hinton et al., arXiv 1503.02531).
   */
  public static Pupil of(Network network, Network teacher) {
    return new Pupil(
        network,
        new Loss.Mixed(TAUGHT_LABELS, TAUGHT_TEMPERATURE),
        Optional.of(new Teacher.Fixed(teacher)));
  }

  /** Learns from the answers of the first network of the step. */
  public static Pupil ofFirst(Network network) {
    return new Pupil(network, new Loss.SoftAnswers(1), Optional.of(new Teacher.Earlier(0)));
  }
}
