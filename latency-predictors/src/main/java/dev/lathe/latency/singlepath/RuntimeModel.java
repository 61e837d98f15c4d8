package dev.lathe.latency.singlepath;

import java.util.ArrayList;
import java.util.List;

/**
 * The run time of a network whose blocks are gated: differentiable in the gates, from a look-up
 * table of four run times a block (Stamoulis et al., Single-Path NAS: Designing Hardware-Efficient
 * ConvNets in less than 4 Hours, arXiv 1904.02877). A polynomial that is linear in every gate.
 *
 * @param fixedMillis of all that no gate concerns
 * @param blocks the gated blocks, in order
 */
public record RuntimeModel(double fixedMillis, List<Block> blocks) {
  /**
   * A gated block.
   *
   * @param presence indices of the blocks whose gates {@code present} must all be open for this one
   *     to be there: none if it cannot be skipped, its own, and those of blocks without which it
   *     goes too
   */
  public record Block(BlockRuntimes runtimes, List<Integer> presence) {
    public Block {
      presence = List.copyOf(presence);
    }
  }

  public RuntimeModel {
    blocks = List.copyOf(blocks);
    for (Block block : blocks) {
      for (int other : block.presence()) {
        if (other < 0 || other >= blocks.size()) {
          throw new IllegalArgumentException(
              "there is no block %d among %d.".formatted(other, blocks.size()));
        }
      }
    }
  }

  /**
   * The run time in milliseconds.
   *
   * @param gates one set a block
   */
  public double millis(List<Gates> gates) {
    check(gates);
    double sum = fixedMillis;
    for (int b = 0; b < blocks.size(); b++) {
      sum += present(b, gates, -1) * blocks.get(b).runtimes().millis(gates.get(b));
    }
    return sum;
  }

  /** The derivative of {@link #millis} by every gate. */
  public List<Gates> slopes(List<Gates> gates) {
    check(gates);
    double[] ofPresent = new double[blocks.size()];
    List<Gates> slopes = new ArrayList<>();
    for (int b = 0; b < blocks.size(); b++) {
      for (int other : blocks.get(b).presence()) {
        ofPresent[other] +=
            present(b, gates, other) * blocks.get(b).runtimes().millis(gates.get(b));
      }
    }
    for (int b = 0; b < blocks.size(); b++) {
      BlockRuntimes runtimes = blocks.get(b).runtimes();
      double present = present(b, gates, -1);
      double ratio = runtimes.kernelRatio();
      slopes.add(
          new Gates(
              present * runtimes.ofChannels(gates.get(b)) * (1 - ratio),
              present
                  * (runtimes.largeWide() - runtimes.largeNarrow())
                  * (ratio + (1 - ratio) * gates.get(b).kernel()),
              ofPresent[b]));
    }
    return slopes;
  }

  /** The product of the gates that a block's presence needs, one of them left out. */
  private double present(int block, List<Gates> gates, int without) {
    double product = 1;
    for (int other : blocks.get(block).presence()) {
      product *= other == without ? 1 : gates.get(other).present();
    }
    return product;
  }

  private void check(List<Gates> gates) {
    if (gates.size() != blocks.size()) {
      throw new IllegalArgumentException(
          "%d sets of gates for %d blocks.".formatted(gates.size(), blocks.size()));
    }
  }
}
