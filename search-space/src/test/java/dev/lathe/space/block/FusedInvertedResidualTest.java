package dev.lathe.space.block;

class FusedInvertedResidualTest extends BlockContract {
  @Override
  String stage() {
    return "block: fused, kernel: [3, 5], expansion: [1, 2], squeezeExcite: [true, false]";
  }
}
