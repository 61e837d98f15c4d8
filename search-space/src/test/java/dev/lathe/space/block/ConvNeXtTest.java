package dev.lathe.space.block;

class ConvNeXtTest extends BlockContract {
  @Override
  String stage() {
    return "block: convnext, kernel: [7, 5, 3], expansion: [2, 4]";
  }
}
