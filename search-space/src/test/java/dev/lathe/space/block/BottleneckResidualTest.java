package dev.lathe.space.block;

class BottleneckResidualTest extends BlockContract {
  @Override
  String stage() {
    return "block: bottleneck-residual, kernel: [3, 5], ratio: [0.5, 1]";
  }
}
