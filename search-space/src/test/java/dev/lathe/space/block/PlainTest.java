package dev.lathe.space.block;

class PlainTest extends BlockContract {
  @Override
  String stage() {
    return "block: plain, kernel: [3, 5]";
  }
}
