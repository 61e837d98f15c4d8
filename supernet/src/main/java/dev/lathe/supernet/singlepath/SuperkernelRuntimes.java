package dev.lathe.supernet.singlepath;

import dev.lathe.latency.singlepath.BlockRuntimes;
import dev.lathe.latency.singlepath.Gates;
import dev.lathe.latency.singlepath.RuntimeModel;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The look-up table of a space on a device, from predicted latencies of whole networks: what a
 * block costs is the difference that it makes to a network that has all blocks before it.
 */
public final class SuperkernelRuntimes {
  /** Of the whole network; a predictor may claim that a larger block costs nothing more. */
  private static final double LEAST_SHARE = 1e-4;

  private SuperkernelRuntimes() {}

  /**
   * The table.
   *
   * @param latencyMillis of any architecture of the space
   */
  public static RuntimeModel of(
      Superkernels kernels, ToDoubleFunction<Architecture> latencyMillis) {
    List<Gates> open = Collections.nCopies(kernels.blocks().size(), Gates.OPEN);
    double whole = latencyMillis.applyAsDouble(kernels.architecture(open));
    double least = LEAST_SHARE * whole;
    List<RuntimeModel.Block> blocks = new ArrayList<>();
    double gated = 0;
    for (int b = 0; b < kernels.blocks().size(); b++) {
      Probe probe = new Probe(kernels, latencyMillis, b);
      double narrow = probe.millis(0, 0);
      double base = Math.max(least, probe.smallest());
      BlockRuntimes runtimes =
          new BlockRuntimes(
              base,
              Math.max(least, base + probe.millis(0, 1) - narrow),
              Math.max(least, base + probe.millis(1, 0) - narrow),
              Math.max(least, base + probe.millis(1, 1) - narrow));
      blocks.add(new RuntimeModel.Block(runtimes, kernels.presence(b)));
      gated += runtimes.largeWide();
    }
    return new RuntimeModel(Math.max(0, whole - gated), blocks);
  }

  /** Latencies of networks that differ in one block, all other blocks as large as they can be. */
  private record Probe(
      Superkernels kernels, ToDoubleFunction<Architecture> latencyMillis, int block) {
    double millis(double kernel, double channels) {
      return millis(new Gates(kernel, channels, 1));
    }

    /**
     * What the block's smallest form costs. Where it cannot be skipped, the cost is taken to be in
     * proportion to its channels, and told from what the wider form costs more.
     */
    double smallest() {
      Superkernel kernel = kernels.blocks().get(block);
      if (kernel.skippable()) {
        return millis(0, 0) - millis(new Gates(1, 1, 0));
      }
      double more = millis(0, 1) - millis(0, 0);
      return more * kernel.narrow() / Math.max(1, kernel.hidden() - kernel.narrow());
    }

    private double millis(Gates gates) {
      List<Gates> all = new ArrayList<>(Collections.nCopies(kernels.blocks().size(), Gates.OPEN));
      all.set(block, gates);
      for (int other = block + 1; other < all.size(); other++) {
        if (kernels.blocks().get(other).stage() == kernels.blocks().get(block).stage()) {
          all.set(other, new Gates(1, 1, kernels.blocks().get(other).skippable() ? 0 : 1));
        }
      }
      return latencyMillis.applyAsDouble(kernels.architecture(all));
    }
  }
}
