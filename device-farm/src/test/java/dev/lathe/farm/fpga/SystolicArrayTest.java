package dev.lathe.farm.fpga;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.compress.fixed.FixedEmulator;
import dev.lathe.compress.fixed.FixedFormat;
import dev.lathe.compress.fixed.FixedLayer;
import dev.lathe.compress.fixed.FixedNetwork;
import dev.lathe.compress.fixed.FixedOnnxReader;
import dev.lathe.compress.fixed.FixedPoint;
import dev.lathe.compress.fixed.FixedTensor;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SystolicArrayTest {
  private static final int NETWORKS = 50;

  private static ArrayDesign design(int rows, int columns, int hot) {
    return new ArrayDesign(rows, columns, 200, 8, 1 << 16, 1 << 15, hot);
  }

  /** The file alone is given to the array; ONNX Runtime and the emulator say what must come out. */
  @Test
  void randomNetworks_areExecutedToTheBit() {
    for (long seed = 0; seed < NETWORKS; seed++) {
      FixedPoint fixed = RandomNetworks.fixed(seed, 0);
      SplittableRandom draw = new SplittableRandom(seed);
      SystolicArray array = new SystolicArray(design(1 + draw.nextInt(9), 1 + draw.nextInt(9), 0));
      FixedNetwork read = FixedOnnxReader.read(OnnxGraph.parse(fixed.model().toBytes()));
      int[] input = RandomNetworks.input(read, seed);
      int[] output = array.run(read, input).output();
      assertThat(output)
          .as("network %d", seed)
          .isEqualTo(FixedEmulator.run(fixed.network(), input));
      float[] real = new float[input.length];
      for (int i = 0; i < real.length; i++) {
        real[i] = (float) (input[i] * read.input().format().step());
      }
      float[] step = new float[output.length];
      for (int i = 0; i < step.length; i++) {
        step[i] = (float) (output[i] * read.output().format().step());
      }
      try (OrtModel session = OrtModel.open(fixed.model().toBytes(), OrtModel.Options.LITERAL)) {
        assertThat(
                session.run(
                    real, 1, read.input().channels(), read.input().height(), read.input().width()))
            .as("network %d in ONNX Runtime", seed)
            .isEqualTo(step);
      }
    }
  }

  @Test
  void counting_isWhatARunCounts() {
    for (long seed = 0; seed < 5; seed++) {
      FixedNetwork network = RandomNetworks.fixed(seed, 0).network();
      SystolicArray array = new SystolicArray(design(4, 4, 0));
      assertThat(array.counts(network))
          .isEqualTo(array.run(network, RandomNetworks.input(network, seed)).layers());
    }
  }

  @Test
  void cycles_doNotDependOnWeights_andMoreElementsNeverTakeLonger() {
    FixedNetwork network = RandomNetworks.fixed(7, 0).network();
    long small =
        new SystolicArray(design(2, 2, 0))
            .counts(network).stream().mapToLong(LayerCount::arrayCycles).sum();
    long large =
        new SystolicArray(design(16, 16, 0))
            .counts(network).stream().mapToLong(LayerCount::arrayCycles).sum();
    assertThat(large).isLessThan(small);
    assertThat(new SystolicArray(design(2, 2, 2)).counts(RandomNetworks.fixed(7, 2).network()))
        .extracting(LayerCount::arrayCycles)
        .isEqualTo(
            new SystolicArray(design(2, 2, 0))
                .counts(network).stream().map(LayerCount::arrayCycles).toList());
  }

  @Test
  void singleTile_takesTheCyclesOfTheFormula() {
    FixedFormat format = new FixedFormat(8, 4, true);
    FixedTensor in = new FixedTensor("x", 3, 1, 4, format);
    FixedLayer.Products layer =
        new FixedLayer.Products(
            in,
            new int[6],
            format,
            new int[2],
            new FixedLayer.Window(1, 1, 1, 1, 0, 0, 1, 1),
            1,
            -128,
            127,
            new FixedTensor("y", 2, 1, 4, format));
    // 1 to fill, 3 + 4 + 2 - 2 for products, 4 to write
    assertThat(new SystolicArray(design(4, 2, 0)).arrayCycles(layer)).isEqualTo(12);
    // two tiles of 2 rows: 1 + (3 + 2 + 2 - 2) + 2 each
    assertThat(new SystolicArray(design(2, 2, 0)).arrayCycles(layer)).isEqualTo(16);
  }

  @Test
  void memoryThatIsSlow_setsThePace() {
    FixedNetwork network = RandomNetworks.fixed(3, 0).network();
    ArrayDesign slow = new ArrayDesign(16, 16, 200, 1, 64, 1 << 15, 0);
    for (LayerCount layer : new SystolicArray(slow).counts(network)) {
      assertThat(layer.cycles()).isEqualTo(Math.max(layer.arrayCycles(), layer.trafficBytes()));
    }
    assertThat(new SystolicArray(slow).counts(network))
        .anyMatch(layer -> layer.cycles() > layer.arrayCycles());
  }

  @Test
  void weightsOfTooManyDigits_areRefusedByAnArrayWithoutMultipliers() {
    FixedNetwork network = RandomNetworks.fixed(1, 0).network();
    assertThatThrownBy(() -> new SystolicArray(design(2, 2, 1)).counts(network))
        .hasMessageContaining("no sum of 1 signed powers of two")
        .hasMessageContaining("Maybe");
    FixedNetwork few = RandomNetworks.fixed(1, 1).network();
    assertThat(new SystolicArray(design(2, 2, 1)).counts(few)).isNotEmpty();
  }

  @Test
  void resources_followFromTheDesign() {
    assertThat(design(16, 16, 0).dspBlocks()).isEqualTo(128);
    assertThat(design(16, 16, 2).dspBlocks()).isZero();
    assertThat(design(16, 16, 2).adders()).isEqualTo(512);
    assertThat(new ArrayDesign(4, 4, 100, 8, 4 * 2048, 4 * 2048, 0).blockMemories()).isEqualTo(4.0);
    assertThat(List.of(design(16, 16, 0).millis(200_000))).containsExactly(1.0);
  }
}
