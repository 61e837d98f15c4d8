package dev.lathe.space.block;

class InvertedResidualTest extends BlockContract {
  @Override
  String stage() {
    return "kernel: [3, 5], expansion: [1, 3], squeezeExcite: [false, true]";
  }
}
