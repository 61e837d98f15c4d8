package dev.lathe.latency;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a network's time goes on a device, kernel after kernel: a table, and the data of a
 * waterline plot, in which each kernel is a bar as wide as its share of the computing, as high as
 * its multiply-accumulates a byte, and under water where that is less than the device's {@code
 * balance} (Lavin: On the Efficiency of Convolutional Neural Networks, 2024, arXiv 2404.03617).
 *
 * @param macsPerMilli the device's multiply-accumulates a millisecond
 * @param bytesPerMilli its bytes moved a millisecond
 * @param startMillis what it takes to start a kernel, in milliseconds
 * @param balance multiply-accumulates a byte at which computing and moving take equally long
 * @param millis the network's estimated latency
 * @param lowerMillis lower end of the 90 % interval
 * @param upperMillis upper end
 * @param idealMillis latency if the device did nothing but multiply
 * @param efficiency ideal over estimated latency, 0 to 1
 * @param efficiencyGap estimated over ideal latency; 0 for a network that multiplies nothing
 * @param layers in the order in which they run
 */
public record RooflineReport(
    double macsPerMilli,
    double bytesPerMilli,
    double startMillis,
    double balance,
    double millis,
    double lowerMillis,
    double upperMillis,
    double idealMillis,
    double efficiency,
    double efficiencyGap,
    List<Layer> layers) {
  public RooflineReport {
    layers = List.copyOf(layers);
  }

  /**
   * A kernel.
   *
   * @param nodes labels of the graph's nodes in it; empty for a layout change
   * @param kind which law its cost follows
   * @param precision {@code int8} or {@code float32}
   * @param macs multiply-accumulates
   * @param bytes moved if nothing stays in a cache
   * @param intensity multiply-accumulates a byte
   * @param millis estimated time
   * @param share of the network's time
   * @param bound what takes longest: computing, memory or the start
   * @param underWater whether its intensity is below the device's balance
   * @param computeFrom where its bar begins in a waterline plot, as a share of all computing
   * @param computeTo where it ends
   */
  public record Layer(
      List<String> nodes,
      KernelKind kind,
      String precision,
      long macs,
      long bytes,
      double intensity,
      double millis,
      double share,
      Roofline.Bound bound,
      boolean underWater,
      double computeFrom,
      double computeTo) {
    public Layer {
      nodes = List.copyOf(nodes);
    }
  }

  /** The report of a network's kernels on a device. */
  public static RooflineReport of(Roofline device, List<Kernel> kernels) {
    double macs = kernels.stream().mapToDouble(Kernel::macs).sum();
    double done = 0;
    List<Layer> layers = new ArrayList<>();
    for (Roofline.Layer layer : device.layers(kernels)) {
      Kernel kernel = layer.kernel();
      double from = macs == 0 ? 0 : done / macs;
      done += kernel.macs();
      layers.add(
          new Layer(
              kernel.nodes(),
              kernel.kind(),
              kernel.integer() ? "int8" : "float32",
              kernel.macs(),
              kernel.bytes(),
              layer.intensity(),
              layer.millis(),
              layer.share(),
              layer.bound(),
              layer.intensity() < device.balance(),
              from,
              macs == 0 ? 0 : done / macs));
    }
    Estimate estimate = device.predict(kernels);
    double efficiency = device.efficiency(kernels);
    return new RooflineReport(
        device.macsPerMilli(),
        device.bytesPerMilli(),
        device.startMillis(),
        device.balance(),
        estimate.millis(),
        estimate.lower(),
        estimate.upper(),
        efficiency * estimate.millis(),
        efficiency,
        efficiency == 0 ? 0 : 1 / efficiency,
        layers);
  }
}
