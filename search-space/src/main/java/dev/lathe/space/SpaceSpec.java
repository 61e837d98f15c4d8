package dev.lathe.space;

import java.util.List;

/** A space as its file describes it, before it is known how many classes there are. */
public interface SpaceSpec {
  /** For people. */
  String name();

  /** Channels of the input images. */
  int channels();

  /** Alternatives for the side of the input images in pixels. */
  List<Integer> resolutions();

  /** The same space for images of other sizes, sides in pixels. */
  SpaceSpec withResolutions(List<Integer> sides);

  /** The same space for images of another number of channels. */
  SpaceSpec withChannels(int count);

  /** What the space holds, in a line. */
  String summary();

  /** The file, as JSON. */
  String json();

  /**
   * The space for a number of classes.
   *
   * @throws IllegalArgumentException if there are fewer than two
   */
  NetworkSpace space(int classes);
}
