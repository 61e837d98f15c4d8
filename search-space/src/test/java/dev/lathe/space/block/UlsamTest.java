package dev.lathe.space.block;

class UlsamTest extends BlockContract {
  @Override
  String stage() {
    return "block: ulsam, groups: [2, 4]";
  }
}
