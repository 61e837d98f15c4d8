package dev.lathe.space.mobile;

import dev.lathe.space.NetworkSpace;
import dev.lathe.space.NetworkSpaceContract;

class MobileSpaceContractTest extends NetworkSpaceContract {
  static final String TINY =
      """
      name: tiny
      input: {channels: 1, resolution: [8, 12]}
      stem: {width: 8, stride: 1}
      stages:
        - {width: [8, 16], depth: [1, 2], stride: 2, kernel: [3, 5], expansion: [1, 2], squeezeExcite: [false, true], activation: [relu, hard-swish]}
        - {width: [16, 24], depth: [1, 2], stride: 1, expansion: 2}
      head: {width: 16}
      """;

  @Override
  protected NetworkSpace space() {
    return new MobileSpace(MobileSpecReader.read(TINY), 3);
  }
}
