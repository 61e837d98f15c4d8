package dev.lathe.space.transformer;

import dev.lathe.space.NetworkSpace;
import dev.lathe.space.NetworkSpaceContract;
import dev.lathe.space.family.SpaceFiles;

class TransformerSpaceTest extends NetworkSpaceContract {
  @Override
  protected NetworkSpace space() {
    return SpaceFiles.read(
            """
            name: tiny
            family: transformer
            input: {channels: 2, resolution: [12, 24]}
            patch: [3, 4]
            width: [16, 24]
            depth: [1, 2, 3]
            headSize: 8
            heads: [1, 2]
            ratio: [1, 2]
            keep: {layers: [1, 2], rate: [1, 0.5]}
            """)
        .space(3);
  }
}
