package dev.lathe.space.block;

class MixedBlocksTest extends BlockContract {
  @Override
  String stage() {
    return "block: [inverted-residual, fused, basic-residual, convnext, ulsam], shared: true,"
        + " expansion: [1, 2], ratio: [0.5, 1], groups: [2, 4]";
  }
}
