package dev.lathe.farm.fpga;

import dev.lathe.compress.fixed.FixedEmulator;
import dev.lathe.compress.fixed.FixedLayer;
import dev.lathe.compress.fixed.FixedLayer.Products;
import dev.lathe.compress.fixed.FixedNetwork;
import dev.lathe.compress.fixed.FixedTensor;
import dev.lathe.compress.fixed.SignedDigits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Executes a network in fixed point as an array does, tile by tile, and counts cycles and traffic.
 *
 * <p>A layer of products takes, for each group of channels, each tile of {@code columns} output
 * channels and each tile of {@code rows} pixels: one cycle to fill the elements with biases; K + r
 * + c − 2 cycles until the last of K products has reached the last of the r × c elements in use;
 * and r cycles to round, clamp and write one row of sums each. Sums are of 32 bits. Other layers
 * pass through a vector unit of {@code columns} lanes beside the array, which is not part of the
 * Verilog.
 *
 * <p>Moving data overlaps with computing. Weights and biases are read once a layer, or once a tile
 * of pixels where a column's weights do not fit their buffer. Activations stay in their buffer
 * where what a layer reads fits one half, what it writes the other, and only the next layer reads
 * it; else they are written to memory and read back.
 */
public final class SystolicArray {
  private final ArrayDesign design;

  /** An array of a design. */
  public SystolicArray(ArrayDesign design) {
    this.design = design;
  }

  /**
   * A run of one item.
   *
   * @param output integers of the network's output
   * @param layers what each layer did, in order
   */
  public record Run(int[] output, List<LayerCount> layers) {
    public Run {
      layers = List.copyOf(layers);
    }

    /** Cycles from the first layer's beginning to the last one's end. */
    public long cycles() {
      return layers.stream().mapToLong(LayerCount::cycles).sum();
    }

    /** Bytes moved between the buffers and the memory beside the FPGA. */
    public long trafficBytes() {
      return layers.stream().mapToLong(LayerCount::trafficBytes).sum();
    }

    /** Products and sums. */
    public long macs() {
      return layers.stream().mapToLong(LayerCount::macs).sum();
    }
  }

  /**
   * Runs a network.
   *
   * @param input integers of the input's format, [channels, height, width]
   * @throws IllegalArgumentException naming the layer that this array cannot do
   */
  public Run run(FixedNetwork network, int[] input) {
    Map<String, int[]> values = new HashMap<>();
    values.put(network.input().name(), input);
    List<LayerCount> counts = new ArrayList<>();
    List<FixedLayer> layers = network.layers();
    for (int i = 0; i < layers.size(); i++) {
      FixedLayer layer = layers.get(i);
      int[] made =
          layer instanceof Products products
              ? products(products, values.get(products.input().name()))
              : FixedEmulator.layer(layer, values);
      values.put(layer.output().name(), made);
      counts.add(count(network, i));
    }
    return new Run(values.get(network.output().name()), counts);
  }

  /** What a run would count, without computing it. */
  public List<LayerCount> counts(FixedNetwork network) {
    List<LayerCount> counts = new ArrayList<>();
    for (int i = 0; i < network.layers().size(); i++) {
      if (network.layers().get(i) instanceof Products products) {
        check(products);
      }
      counts.add(count(network, i));
    }
    return counts;
  }

  private LayerCount count(FixedNetwork network, int index) {
    FixedLayer layer = network.layers().get(index);
    String name = layer.output().name();
    return switch (layer) {
      case Products products ->
          LayerCount.of(
              design,
              name,
              (long) products.output().height()
                  * products.output().width()
                  * products.weights().length,
              arrayCycles(products),
              weightTraffic(products) + activationTraffic(network, index, passes(products)));
      case FixedLayer.Sum sum ->
          LayerCount.of(
              design, name, 0, lanes(sum.output().size()), activationTraffic(network, index, 1));
      case FixedLayer.Clamped clamped ->
          LayerCount.of(
              design,
              name,
              0,
              lanes(clamped.output().size()),
              activationTraffic(network, index, 1));
      case FixedLayer.Maximum maximum ->
          LayerCount.of(
              design,
              name,
              0,
              lanes(maximum.output().size()) * maximum.window().height() * maximum.window().width(),
              activationTraffic(network, index, 1));
      case FixedLayer.Mean mean ->
          LayerCount.of(
              design,
              name,
              0,
              lanes(mean.input().channels()) * (mean.input().height() * mean.input().width() + 1L),
              activationTraffic(network, index, 1));
    };
  }

  /** Turns of the vector unit for so many elements. */
  private long lanes(int elements) {
    return Math.ceilDiv(elements, design.columns());
  }

  /** Cycles in which the array computes a layer. */
  long arrayCycles(Products layer) {
    long cycles = 0;
    int pixels = layer.output().height() * layer.output().width();
    int outputs = layer.output().channels() / layer.groups();
    for (int n = 0; n < outputs; n += design.columns()) {
      int columns = Math.min(design.columns(), outputs - n);
      for (int m = 0; m < pixels; m += design.rows()) {
        int rows = Math.min(design.rows(), pixels - m);
        cycles += 1 + (layer.fanIn() + rows + columns - 2L) + rows;
      }
    }
    return cycles * layer.groups();
  }

  private long weightTraffic(Products layer) {
    int pixels = layer.output().height() * layer.output().width();
    boolean fits = (long) layer.fanIn() * design.columns() <= design.weightBytes();
    long times = fits ? 1 : Math.ceilDiv(pixels, design.rows());
    return times * layer.weights().length + 4L * layer.bias().length;
  }

  /** How often a layer reads its input: once for each tile of output channels. */
  private int passes(Products layer) {
    return Math.ceilDiv(layer.output().channels() / layer.groups(), design.columns());
  }

  /** Bytes of activations that a layer reads from memory and writes to it. */
  private long activationTraffic(FixedNetwork network, int index, int passes) {
    FixedLayer layer = network.layers().get(index);
    long traffic = 0;
    for (FixedTensor input : inputs(layer)) {
      boolean kept =
          index > 0 && staysInside(network, index - 1) && isOutput(network, index - 1, input);
      if (!kept) {
        traffic += bytes(input) * (bytes(input) <= half() ? 1 : passes);
      }
    }
    return staysInside(network, index) ? traffic : traffic + bytes(layer.output());
  }

  private static boolean isOutput(FixedNetwork network, int index, FixedTensor tensor) {
    return network.layers().get(index).output().name().equals(tensor.name());
  }

  /** Whether a layer's output waits in the buffer for the next layer, its only reader. */
  private boolean staysInside(FixedNetwork network, int index) {
    FixedTensor made = network.layers().get(index).output();
    if (index + 1 == network.layers().size() || bytes(made) > half()) {
      return false;
    }
    long readers =
        network.layers().stream()
            .filter(layer -> inputs(layer).stream().anyMatch(t -> t.name().equals(made.name())))
            .count();
    FixedLayer next = network.layers().get(index + 1);
    return readers == 1
        && inputs(next).stream().anyMatch(input -> input.name().equals(made.name()));
  }

  private int half() {
    return design.activationBytes() / 2;
  }

  private static long bytes(FixedTensor tensor) {
    return (long) tensor.size() * Math.ceilDiv(tensor.format().width(), 8);
  }

  private static List<FixedTensor> inputs(FixedLayer layer) {
    return switch (layer) {
      case Products products -> List.of(products.input());
      case FixedLayer.Sum sum -> List.of(sum.left(), sum.right());
      case FixedLayer.Mean mean -> List.of(mean.input());
      case FixedLayer.Maximum maximum -> List.of(maximum.input());
      case FixedLayer.Clamped clamped -> List.of(clamped.input());
    };
  }

  /** That an element can hold every sum, and a weight is one that an element can apply. */
  private void check(Products layer) {
    if (layer.input().format().width() > 8) {
      throw new IllegalArgumentException(
          "layer '%s' takes %d-bit activations, this array 8-bit ones. Maybe set activationBits to 8."
              .formatted(layer.output().name(), layer.input().format().width()));
    }
    long largest =
        Math.max(-(long) layer.input().format().least(), layer.input().format().greatest());
    for (int o = 0; o < layer.output().channels(); o++) {
      long sum = Math.abs((long) layer.bias()[o]);
      for (int i = o * layer.fanIn(); i < (o + 1) * layer.fanIn(); i++) {
        int weight = layer.weights()[i];
        sum += largest * Math.abs(weight);
        if (design.hot() > 0 && SignedDigits.of(weight).size() > design.hot()) {
          throw new IllegalArgumentException(
              "weight %d of layer '%s' is no sum of %d signed powers of two. Maybe compress with hot = %d."
                  .formatted(weight, layer.output().name(), design.hot(), design.hot()));
        }
      }
      if (sum > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "sums of layer '%s' may need more than an element's 32 bits."
                .formatted(layer.output().name()));
      }
    }
  }

  private int[] products(Products layer, int[] x) {
    check(layer);
    FixedTensor out = layer.output();
    int pixels = out.height() * out.width();
    int outputs = out.channels() / layer.groups();
    int[] y = new int[out.size()];
    int[] window = new int[layer.fanIn() * design.rows()];
    for (int g = 0; g < layer.groups(); g++) {
      for (int m = 0; m < pixels; m += design.rows()) {
        int rows = Math.min(design.rows(), pixels - m);
        fill(layer, x, g, m, rows, window);
        for (int o = g * outputs; o < (g + 1) * outputs; o++) {
          for (int r = 0; r < rows; r++) {
            y[o * pixels + m + r] = written(layer, element(layer, window, o, r));
          }
        }
      }
    }
    return y;
  }

  /** The sum of one element: 32 bits, like its register. */
  private static int element(Products layer, int[] window, int output, int row) {
    int sum = layer.bias()[output];
    int weights = output * layer.fanIn();
    int inputs = row * layer.fanIn();
    for (int k = 0; k < layer.fanIn(); k++) {
      sum += window[inputs + k] * layer.weights()[weights + k];
    }
    return sum;
  }

  private static int written(Products layer, int sum) {
    return (int)
        Math.clamp(FixedEmulator.shifted(sum, layer.shift()), layer.least(), layer.greatest());
  }

  /** The inputs of {@code rows} pixels from {@code first} on, [rows, K]. */
  private static void fill(Products layer, int[] x, int group, int first, int rows, int[] window) {
    FixedTensor in = layer.input();
    FixedLayer.Window slide = layer.window();
    int perGroup = in.channels() / layer.groups();
    int width = layer.output().width();
    int at = 0;
    for (int r = 0; r < rows; r++) {
      int row = (first + r) / width;
      int column = (first + r) % width;
      for (int i = group * perGroup; i < (group + 1) * perGroup; i++) {
        for (int ky = 0; ky < slide.height(); ky++) {
          int iy = row * slide.strideY() + ky * slide.dilationY() - slide.top();
          for (int kx = 0; kx < slide.width(); kx++, at++) {
            int ix = column * slide.strideX() + kx * slide.dilationX() - slide.left();
            boolean inside = iy >= 0 && iy < in.height() && ix >= 0 && ix < in.width();
            window[at] = inside ? x[(i * in.height() + iy) * in.width() + ix] : 0;
          }
        }
      }
    }
  }
}
