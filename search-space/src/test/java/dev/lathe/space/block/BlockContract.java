package dev.lathe.space.block;

import dev.lathe.space.NetworkSpace;
import dev.lathe.space.NetworkSpaceContract;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpecReader;

/** What every block must keep, in a small space of it. */
abstract class BlockContract extends NetworkSpaceContract {
  /** Fields of a stage, for example {@code block: fused, kernel: [3, 5]}. */
  abstract String stage();

  @Override
  protected NetworkSpace space() {
    String text =
        """
        name: blocks
        input: {channels: 2, resolution: 12}
        stem: {width: 8, stride: 1}
        stages:
          - {width: [16, 24], depth: [1, 2], stride: 1, %s}
          - {width: [16, 32], depth: [1, 2], stride: 2, %s}
        head: {width: 16}
        """;
    return new MobileSpace(MobileSpecReader.read(text.formatted(stage(), stage())), 3);
  }
}
