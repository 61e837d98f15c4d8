package dev.lathe.farm.fpga;

/**
 * What one layer does on an array.
 *
 * @param name of its output
 * @param macs products and sums
 * @param arrayCycles that the array, or the vector unit beside it, computes
 * @param trafficBytes between the buffers and the memory beside the FPGA
 * @param cycles until the layer is done: computing and moving overlap
 */
public record LayerCount(String name, long macs, long arrayCycles, long trafficBytes, long cycles) {
  static LayerCount of(ArrayDesign design, String name, long macs, long array, long traffic) {
    return new LayerCount(
        name,
        macs,
        array,
        traffic,
        Math.max(array, Math.ceilDiv(traffic, (long) design.bytesPerCycle())));
  }
}
