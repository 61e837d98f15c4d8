package dev.lathe.compress.fixed;

import java.util.HashMap;
import java.util.Map;

/** Computes a network in fixed point with integers alone, bit for bit as a device would. */
public final class FixedEmulator {
  private final Map<String, int[]> values = new HashMap<>();

  private FixedEmulator() {}

  /**
   * The output's integers for one item.
   *
   * @param input integers of the input's format, [channels, height, width]
   */
  public static int[] run(FixedNetwork network, int[] input) {
    FixedEmulator emulator = new FixedEmulator();
    emulator.values.put(network.input().name(), input);
    for (FixedLayer layer : network.layers()) {
      emulator.values.put(layer.output().name(), emulator.compute(layer));
    }
    return emulator.values.get(network.output().name());
  }

  /** The output for one item of real numbers: it is quantized first. */
  public static float[] run(FixedNetwork network, float[] input) {
    int[] integers = new int[input.length];
    for (int i = 0; i < input.length; i++) {
      integers[i] = network.input().format().quantize(input[i]);
    }
    int[] found = run(network, integers);
    float[] out = new float[found.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) (found[i] * network.output().format().step());
    }
    return out;
  }

  /**
   * The output's integers of one layer.
   *
   * @param inputs integers of the layer's inputs, by the tensors' names
   */
  public static int[] layer(FixedLayer layer, Map<String, int[]> inputs) {
    FixedEmulator emulator = new FixedEmulator();
    emulator.values.putAll(inputs);
    return emulator.compute(layer);
  }

  private int[] compute(FixedLayer layer) {
    return switch (layer) {
      case FixedLayer.Products products -> products(products);
      case FixedLayer.Sum sum -> sum(sum);
      case FixedLayer.Mean mean -> mean(mean);
      case FixedLayer.Maximum maximum -> maximum(maximum);
      case FixedLayer.Clamped clamped -> {
        int[] x = values.get(clamped.input().name());
        int shift = clamped.input().format().fraction() - clamped.output().format().fraction();
        int[] out = new int[x.length];
        for (int i = 0; i < out.length; i++) {
          out[i] = fit(shifted(x[i], shift), clamped.least(), clamped.greatest());
        }
        yield out;
      }
    };
  }

  /** {@code value} · 2^−shift, rounded to the nearest, halves to even. */
  public static long shifted(long value, int shift) {
    return shift <= 0 ? value << -shift : divided(value, 1L << shift);
  }

  /** A quotient rounded to the nearest, halves to even. */
  static long divided(long value, long by) {
    long floor = Math.floorDiv(value, by);
    long twice = 2 * (value - floor * by);
    return twice > by || twice == by && (floor & 1) != 0 ? floor + 1 : floor;
  }

  private static int fit(long value, int least, int greatest) {
    return (int) Math.clamp(value, least, greatest);
  }

  private int[] products(FixedLayer.Products layer) {
    int[] x = values.get(layer.input().name());
    FixedTensor in = layer.input();
    FixedTensor out = layer.output();
    FixedLayer.Window window = layer.window();
    int perGroup = in.channels() / layer.groups();
    int outputsPerGroup = out.channels() / layer.groups();
    int[] y = new int[out.size()];
    for (int o = 0; o < out.channels(); o++) {
      int firstInput = o / outputsPerGroup * perGroup;
      for (int row = 0; row < out.height(); row++) {
        for (int column = 0; column < out.width(); column++) {
          long sum = layer.bias()[o];
          int at = o * layer.fanIn();
          for (int i = 0; i < perGroup; i++) {
            for (int ky = 0; ky < window.height(); ky++) {
              for (int kx = 0; kx < window.width(); kx++, at++) {
                int iy = row * window.strideY() + ky * window.dilationY() - window.top();
                int ix = column * window.strideX() + kx * window.dilationX() - window.left();
                if (iy >= 0 && iy < in.height() && ix >= 0 && ix < in.width()) {
                  long value = x[((firstInput + i) * in.height() + iy) * in.width() + ix];
                  sum += value * layer.weights()[at];
                }
              }
            }
          }
          y[(o * out.height() + row) * out.width() + column] =
              fit(shifted(sum, layer.shift()), layer.least(), layer.greatest());
        }
      }
    }
    return y;
  }

  private int[] sum(FixedLayer.Sum layer) {
    int[] a = values.get(layer.left().name());
    int[] b = values.get(layer.right().name());
    int leftFraction = layer.left().format().fraction();
    int rightFraction = layer.right().format().fraction();
    int fraction = Math.max(leftFraction, rightFraction);
    int shift = fraction - layer.output().format().fraction();
    int[] out = new int[a.length];
    for (int i = 0; i < out.length; i++) {
      long sum =
          ((long) a[i] << fraction - leftFraction) + ((long) b[i] << fraction - rightFraction);
      out[i] = fit(shifted(sum, shift), layer.least(), layer.greatest());
    }
    return out;
  }

  private int[] mean(FixedLayer.Mean layer) {
    int[] x = values.get(layer.input().name());
    int plane = layer.input().height() * layer.input().width();
    int shift = layer.input().format().fraction() - layer.output().format().fraction();
    int[] out = new int[layer.output().channels()];
    for (int channel = 0; channel < out.length; channel++) {
      long sum = 0;
      for (int i = 0; i < plane; i++) {
        sum += x[channel * plane + i];
      }
      long scaled = sum << Math.max(0, -shift);
      out[channel] =
          layer.output().format().saturate(divided(scaled, (long) plane << Math.max(0, shift)));
    }
    return out;
  }

  private int[] maximum(FixedLayer.Maximum layer) {
    int[] x = values.get(layer.input().name());
    FixedTensor in = layer.input();
    FixedTensor out = layer.output();
    FixedLayer.Window window = layer.window();
    int[] y = new int[out.size()];
    for (int c = 0; c < out.channels(); c++) {
      for (int row = 0; row < out.height(); row++) {
        for (int column = 0; column < out.width(); column++) {
          int best = Integer.MIN_VALUE;
          for (int ky = 0; ky < window.height(); ky++) {
            for (int kx = 0; kx < window.width(); kx++) {
              int iy = row * window.strideY() + ky * window.dilationY() - window.top();
              int ix = column * window.strideX() + kx * window.dilationX() - window.left();
              if (iy >= 0 && iy < in.height() && ix >= 0 && ix < in.width()) {
                best = Math.max(best, x[(c * in.height() + iy) * in.width() + ix]);
              }
            }
          }
          y[(c * out.height() + row) * out.width() + column] = best;
        }
      }
    }
    return y;
  }
}
