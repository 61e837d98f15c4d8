package dev.lathe.space.block;

class FreeBlocksTest extends BlockContract {
  @Override
  String stage() {
    return "block: [inverted-residual, basic-residual], kernel: [3, 5], expansion: 2, ratio: [0.5,"
        + " 1]";
  }
}
