package dev.lathe.space.block;

class InceptionNeXtTest extends BlockContract {
  @Override
  String stage() {
    return "block: inceptionnext, expansion: [2, 4]";
  }
}
