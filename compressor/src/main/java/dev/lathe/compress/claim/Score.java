package dev.lathe.compress.claim;

/**
 * A task's score of original and compressed model on the same items.
 *
 * @param name of the score, larger is better
 * @param original its mean for the original
 * @param compressed its mean for the compressed model
 * @param drop what was lost on the average
 * @param lower95 what was at least lost, with a confidence of 95 % (one-sided)
 * @param upper95 what was not exceeded with a confidence of 95 % (one-sided)
 * @param items on which both were judged
 */
public record Score(
    String name,
    double original,
    double compressed,
    double drop,
    double lower95,
    double upper95,
    int items) {
  private static final double NORMAL_95 = 1.6449;

  /** The score of items of which each has a value in [0, 1] for either model. */
  public static Score of(String name, double[] original, double[] compressed) {
    int items = original.length;
    double before = 0;
    double after = 0;
    double squares = 0;
    for (int i = 0; i < items; i++) {
      before += original[i] / items;
      after += compressed[i] / items;
      squares += Math.pow(original[i] - compressed[i], 2);
    }
    double drop = before - after;
    // One item that differs is added: that none does among the seen does not mean that none will.
    double variance = (squares + 1) / (items + 1) - drop * drop * items / (items + 1);
    double doubt = NORMAL_95 * Math.sqrt(Math.max(0, variance) / items);
    return new Score(
        name, before, after, drop, Math.max(-1, drop - doubt), Math.min(1, drop + doubt), items);
  }

  /** Whether the items show that more than so much is lost. */
  boolean shows(double loss) {
    return lower95 > loss;
  }

  /** Whether the items show that no more than so much is lost. */
  boolean excludes(double loss) {
    return upper95 <= loss;
  }
}
