package dev.lathe.supernet;

import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import java.util.List;

/**
 * Which networks a training step of a supernet trains once its largest network is trained: four in
 * both cases.
 */
public enum Lesson {
  /** The largest, the smallest and two random ones. */
  SANDWICH,
  /**
   * The largest and three others in which all choices occur equally often. Ranks the better on hard
   * data, so searches use it; the smallest is less accurate for it.
   */
  FAIR;

  /**
   * Share of the steps in which the largest network is trained alone: some two fifths of the time,
   * for these steps are cheaper. The others then begin with weights that are worth something and
   * learn from a teacher that knows something (Cai et al., Once-for-All, arXiv 1908.09791).
   */
  public static final double LARGEST_ALONE = 0.6;

  /** The lessons of a training of so many steps: the largest network alone, then sharing. */
  public Curriculum curriculum(NetworkSpace space, RandomStreams streams, long steps) {
    Curriculum alone = alone(space);
    Curriculum sharing = sharing(space, streams);
    long first = Math.round(LARGEST_ALONE * steps);
    return new Curriculum() {
      @Override
      public List<Pupil> at(long step) {
        return (step < first ? alone : sharing).at(step);
      }

      @Override
      public void close() {
        alone.close();
        sharing.close();
      }
    };
  }

  /** The first part: the largest network alone. */
  public static Curriculum alone(NetworkSpace space) {
    return Curriculum.only(space.subnet(space.largest()));
  }

  /** The second part: networks that share weights, step by step. */
  public Curriculum sharing(NetworkSpace space, RandomStreams streams) {
    return switch (this) {
      case SANDWICH -> Curriculum.sandwich(space, streams, 2);
      case FAIR -> Curriculum.fair(space, streams, 3);
    };
  }
}
