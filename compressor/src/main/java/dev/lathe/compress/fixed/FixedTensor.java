package dev.lathe.compress.fixed;

/**
 * A tensor of a network in fixed point, of one item.
 *
 * @param name in the graph that it comes from
 * @param channels how many
 * @param height 1 for a vector
 * @param width 1 for a vector
 * @param format of its numbers
 */
public record FixedTensor(String name, int channels, int height, int width, FixedFormat format) {
  /** The number of elements. */
  public int size() {
    return channels * height * width;
  }

  FixedTensor withFormat(FixedFormat other) {
    return new FixedTensor(name, channels, height, width, other);
  }
}
