package dev.lathe.supernet;

import dev.lathe.data.DataSet;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import java.util.List;

/** The images and the space of {@link Fixtures} for the packages beside. */
public final class TinyTask {
  private TinyTask() {}

  public static MobileSpace space() {
    return Fixtures.space();
  }

  public static DataSet data() {
    RandomStreams streams = new RandomStreams(3);
    return DataSet.of(
        "left or right",
        List.of("left", "right"),
        Fixtures.images(200, streams.at("images", 0)),
        Fixtures.images(60, streams.at("images", 1)),
        Fixtures.images(60, streams.at("images", 2)),
        false);
  }
}
