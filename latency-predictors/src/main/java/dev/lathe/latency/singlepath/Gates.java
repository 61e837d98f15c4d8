package dev.lathe.latency.singlepath;

/**
 * The gates of one block, or a derivative by each of them.
 *
 * @param kernel 1: the large kernel, 0: the small one inside it
 * @param channels 1: all hidden channels, 0: the first part of them
 * @param present 1: the block is there, 0: it is skipped
 */
public record Gates(double kernel, double channels, double present) {
  /** The whole block. */
  public static final Gates OPEN = new Gates(1, 1, 1);
}
