package dev.lathe.space.transformer;

import dev.lathe.space.NetworkSpace;
import dev.lathe.space.NetworkSpaceContract;
import dev.lathe.space.family.SpaceFiles;

class HybridSpaceTest extends NetworkSpaceContract {
  @Override
  protected NetworkSpace space() {
    return SpaceFiles.read(
            """
            name: tiny
            family: transformer
            input: {channels: 2, resolution: 16}
            stem: {width: 8, stride: 1}
            stages:
              - {width: [16, 24], depth: [1, 2], stride: 2, block: [fused, basic-residual], expansion: 2, ratio: [0.5, 1]}
            patch: 2
            width: [16, 24]
            depth: [1, 2]
            headSize: 8
            heads: [1, 2]
            ratio: 2
            """)
        .space(3);
  }
}
