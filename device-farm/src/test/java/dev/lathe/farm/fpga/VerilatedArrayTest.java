package dev.lathe.farm.fpga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.compress.fixed.FixedEmulator;
import dev.lathe.compress.fixed.FixedFormat;
import dev.lathe.compress.fixed.FixedLayer;
import dev.lathe.compress.fixed.FixedLayer.Products;
import dev.lathe.compress.fixed.FixedLayer.Window;
import dev.lathe.compress.fixed.FixedNetwork;
import dev.lathe.compress.fixed.FixedTensor;
import dev.lathe.farm.Programs;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The array in Verilog, run by Verilator, computes the same integers in the same number of cycles
 * as the simulation in Java. Needs {@code verilator} and a C++ compiler.
 */
@Tag("slow")
class VerilatedArrayTest {
  private static final int[][] SHAPES = {
    // channels, height, width, outputs, kernel, stride, pad, dilation, groups
    {3, 8, 8, 8, 3, 2, 1, 1, 1},
    {8, 6, 6, 16, 1, 1, 0, 1, 1},
    {8, 7, 5, 8, 3, 1, 1, 1, 8},
    {6, 9, 9, 12, 3, 1, 0, 1, 2},
    {4, 10, 10, 5, 5, 2, 2, 1, 1},
    {2, 9, 9, 3, 3, 1, 2, 2, 1},
    {16, 1, 1, 10, 1, 1, 0, 1, 1},
    {1, 4, 4, 1, 2, 2, 0, 1, 1},
    {12, 5, 5, 12, 5, 1, 2, 1, 12},
    {5, 3, 11, 7, 3, 1, 1, 1, 1},
    {9, 4, 4, 9, 1, 1, 0, 1, 3},
    {3, 12, 3, 4, 3, 3, 1, 1, 1}
  };

  @TempDir static Path folder;

  @Test
  void everyShape_isComputedToTheBitAndToTheCycle() throws Exception {
    assumeThat(Programs.found("verilator")).as("verilator is on the path").isTrue();
    for (int[] size : new int[][] {{4, 3}, {2, 8}}) {
      ArrayDesign design = new ArrayDesign(size[0], size[1], 100, 2, 1 << 16, 1 << 14, 0);
      Path program = build(size[0], size[1]);
      List<Products> layers = new ArrayList<>();
      for (int i = 0; i < SHAPES.length; i++) {
        layers.add(layer(SHAPES[i], i));
      }
      List<String> lines = run(program, design, layers);
      assertThat(lines).hasSize(SHAPES.length);
      for (int i = 0; i < SHAPES.length; i++) {
        Products layer = layers.get(i);
        int[] input = input(layer, i);
        FixedNetwork network = new FixedNetwork(layer.input(), List.of(layer), layer.output(), 0);
        SystolicArray.Run simulated = new SystolicArray(design).run(network, input);
        assertThat(simulated.output()).isEqualTo(FixedEmulator.run(network, input));
        StringJoiner expected = new StringJoiner(" ");
        expected.add(Long.toString(simulated.cycles()));
        for (int value : simulated.output()) {
          expected.add(Integer.toString(value));
        }
        assertThat(lines.get(i))
            .as("shape %d on %d x %d: cycles, then integers", i, size[0], size[1])
            .isEqualTo(expected.toString());
      }
      assertThat(layers)
          .as("some layers wait for memory, some for the array")
          .anyMatch(layer -> bound(design, layer) > 0)
          .anyMatch(layer -> bound(design, layer) < 0);
    }
  }

  private static int bound(ArrayDesign design, Products layer) {
    LayerCount count =
        new SystolicArray(design)
            .counts(new FixedNetwork(layer.input(), List.of(layer), layer.output(), 0))
            .getFirst();
    return Long.compare(
        Math.ceilDiv(count.trafficBytes(), (long) design.bytesPerCycle()), count.arrayCycles());
  }

  private static Products layer(int[] s, int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    FixedFormat inputs = new FixedFormat(8, 4, seed % 2 == 0);
    FixedFormat outputs = new FixedFormat(8, seed % 3, true);
    int reach = (s[4] - 1) * s[7] + 1;
    FixedTensor in = new FixedTensor("x", s[0], s[1], s[2], inputs);
    FixedTensor out =
        new FixedTensor(
            "y",
            s[3],
            (s[1] + 2 * s[6] - reach) / s[5] + 1,
            (s[2] + 2 * s[6] - reach) / s[5] + 1,
            outputs);
    int[] weights = new int[s[3] * (s[0] / s[8]) * s[4] * s[4]];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = random.nextInt(-128, 128);
    }
    int[] bias = new int[s[3]];
    for (int i = 0; i < bias.length; i++) {
      bias[i] = random.nextInt(-5000, 5000);
    }
    return new Products(
        in,
        weights,
        new FixedFormat(8, 5, true),
        bias,
        new Window(s[4], s[4], s[5], s[5], s[6], s[6], s[7], s[7]),
        s[8],
        seed % 4 == 0 ? 0 : -128,
        seed % 5 == 0 ? 100 : 127,
        out);
  }

  private static int[] input(Products layer, int seed) {
    SplittableRandom random = new SplittableRandom(1000 + seed);
    int[] input = new int[layer.input().size()];
    for (int i = 0; i < input.length; i++) {
      input[i] =
          random.nextInt(layer.input().format().least(), layer.input().format().greatest() + 1);
    }
    return input;
  }

  private static Path build(int rows, int columns) throws Exception {
    for (String name : List.of("systolic_array.v", "bench.cpp")) {
      try (InputStream in = FixedLayer.class.getResourceAsStream("/dev/lathe/farm/fpga/" + name)) {
        Files.write(folder.resolve(name), in.readAllBytes());
      }
    }
    String made = "obj-%d-%d".formatted(rows, columns);
    Process process =
        new ProcessBuilder(
                "verilator",
                "-Wno-fatal",
                "-Wno-lint",
                "--cc",
                "--exe",
                "--build",
                "-GROWS=" + rows,
                "-GCOLUMNS=" + columns,
                "--Mdir",
                made,
                "-CFLAGS",
                "-O1",
                "systolic_array.v",
                "bench.cpp")
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(made + ".log").toFile())
            .start();
    assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(folder.resolve(made + ".log"))).isZero();
    return folder.resolve(made).resolve("Vsystolic_array");
  }

  private static List<String> run(Path program, ArrayDesign design, List<Products> layers)
      throws Exception {
    StringJoiner text = new StringJoiner("\n");
    text.add(Integer.toString(layers.size()));
    for (int i = 0; i < layers.size(); i++) {
      Products layer = layers.get(i);
      Window w = layer.window();
      int groups = layer.groups();
      FixedNetwork network = new FixedNetwork(layer.input(), List.of(layer), layer.output(), 0);
      long traffic = new SystolicArray(design).counts(network).getFirst().trafficBytes();
      text.add(
          "%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d"
              .formatted(
                  layer.input().height(),
                  layer.input().width(),
                  layer.input().channels() / groups,
                  layer.output().height(),
                  layer.output().width(),
                  layer.output().channels() / groups,
                  groups,
                  w.height(),
                  w.width(),
                  w.strideY(),
                  w.strideX(),
                  w.dilationY(),
                  w.dilationX(),
                  w.top(),
                  w.left(),
                  layer.shift(),
                  layer.least(),
                  layer.greatest(),
                  traffic,
                  design.bytesPerCycle()));
      add(text, input(layer, i));
      add(text, layer.weights());
      add(text, layer.bias());
    }
    Path in = Files.writeString(folder.resolve("layers.txt"), text.toString());
    Path out = folder.resolve("found.txt");
    Process process =
        new ProcessBuilder(program.toString())
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return Files.readAllLines(out);
  }

  private static void add(StringJoiner text, int[] values) {
    text.add(Integer.toString(values.length));
    for (int value : values) {
      text.add(Integer.toString(value));
    }
  }
}
