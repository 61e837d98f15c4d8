package dev.lathe.supernet;

import dev.lathe.space.RandomStreams;
import java.util.random.RandomGenerator;

/** Which images a step sees: each epoch is a permutation that depends on seed and epoch alone. */
public final class EpochOrder {
  private final int images;
  private final RandomStreams streams;
  private final String stream;
  private int[] permutation = new int[0];
  private long epoch = -1;

  public EpochOrder(int images, RandomStreams streams, String stream) {
    this.images = images;
    this.streams = streams;
    this.stream = stream;
  }

  /** The indices of the images of one step. */
  public int[] batch(long step, int size) {
    int[] indices = new int[size];
    for (int i = 0; i < size; i++) {
      long position = step * size + i;
      indices[i] = permutation(position / images)[(int) (position % images)];
    }
    return indices;
  }

  private int[] permutation(long wanted) {
    if (wanted != epoch) {
      RandomGenerator random = streams.at(stream, wanted);
      int[] next = new int[images];
      for (int i = 0; i < images; i++) {
        int j = random.nextInt(i + 1);
        next[i] = next[j];
        next[j] = i;
      }
      permutation = next;
      epoch = wanted;
    }
    return permutation;
  }
}
