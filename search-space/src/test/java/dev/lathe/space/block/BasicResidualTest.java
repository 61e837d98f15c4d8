package dev.lathe.space.block;

class BasicResidualTest extends BlockContract {
  @Override
  String stage() {
    return "block: basic-residual, kernel: [3, 5], ratio: [0.5, 1], activation: [relu, hard-swish]";
  }
}
