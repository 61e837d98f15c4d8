package dev.lathe.compress.fixed;

/**
 * What a network in fixed point costs in hardware, per item.
 *
 * @param macs multiplications and additions
 * @param multiplications those by weights that are no signed power of two and not 0
 * @param shiftAdds additions of shifted values that take the place of all multiplications: one for
 *     each non-zero canonical signed digit of a weight, each time it is used
 * @param multipliers weights that need a multiplier, if every weight has hardware of its own
 * @param dspBlocks for these multipliers: one each, or one for two where both factors have at most
 *     8 bits (as in AMD's DSP48E2, white paper WP486); 0 for a network of few digits
 */
public record FixedCost(
    long macs, long multiplications, long shiftAdds, long multipliers, long dspBlocks) {
  public static FixedCost of(FixedNetwork network) {
    long macs = 0;
    long multiplications = 0;
    long shiftAdds = 0;
    long multipliers = 0;
    long blocks = 0;
    for (FixedLayer layer : network.layers()) {
      if (!(layer instanceof FixedLayer.Products products)) {
        continue;
      }
      long positions = (long) products.output().height() * products.output().width();
      long hard = 0;
      long digits = 0;
      for (int weight : products.weights()) {
        int count = SignedDigits.of(weight).size();
        digits += count;
        hard += count > 1 ? 1 : 0;
      }
      macs += positions * products.weights().length;
      multiplications += positions * hard;
      shiftAdds += positions * digits;
      if (network.hot() == 0) {
        boolean paired = products.input().format().width() <= 8;
        multipliers += hard;
        blocks += paired ? Math.ceilDiv(hard, 2L) : hard;
      }
    }
    return new FixedCost(
        macs, network.hot() == 0 ? multiplications : 0, shiftAdds, multipliers, blocks);
  }
}
