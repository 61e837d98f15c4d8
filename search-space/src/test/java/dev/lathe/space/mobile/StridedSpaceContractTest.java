package dev.lathe.space.mobile;

import dev.lathe.space.NetworkSpace;
import dev.lathe.space.NetworkSpaceContract;
import dev.lathe.space.family.SpaceFiles;

class StridedSpaceContractTest extends NetworkSpaceContract {
  @Override
  protected NetworkSpace space() {
    return SpaceFiles.builtin("strided-28").space(10);
  }
}
