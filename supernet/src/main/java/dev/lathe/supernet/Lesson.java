package dev.lathe.supernet;

import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;

/** Which networks a training step of a supernet trains: four in both cases. */
public enum Lesson {
  /** The largest, the smallest and two random ones. */
  SANDWICH,
  /**
   * The largest and three others in which all choices occur equally often. Ranks the better on hard
   * data, so searches use it; the smallest is less accurate for it.
   */
  FAIR;

  /** The lessons, step by step. */
  public Curriculum curriculum(NetworkSpace space, RandomStreams streams) {
    return switch (this) {
      case SANDWICH -> Curriculum.sandwich(space, streams, 2);
      case FAIR -> Curriculum.fair(space, streams, 3);
    };
  }
}
