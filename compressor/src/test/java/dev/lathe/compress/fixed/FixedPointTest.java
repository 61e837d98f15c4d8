package dev.lathe.compress.fixed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.CompressionException;
import dev.lathe.compress.Decibels;
import dev.lathe.compress.ForeignModels;
import dev.lathe.compress.Networks;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FixedPointTest {
  private static final Map<String, FixedPoint> MADE = new HashMap<>();

  private static OnnxGraph read(String name) {
    return name.equals("mobile") ? Networks.mobile(3) : ForeignModels.read(name);
  }

  private static FixedPoint fixed(String name, int activations, int weights, int hot) {
    return MADE.computeIfAbsent(
        "%s %d %d %d".formatted(name, activations, weights, hot),
        key -> {
          OnnxGraph model = read(name);
          return FixedPoint.of(
              model,
              ForeignModels.noise(model, 16),
              new FixedSettings(activations, weights, hot, 16));
        });
  }

  private static long[] shape(OnnxGraph model, CalibrationData data) {
    return data.feed(model, 0, 1).values().iterator().next().dims();
  }

  private static float[] image(OnnxGraph model, CalibrationData data, int item) {
    return data.feed(model, item, item + 1).values().iterator().next().floats();
  }

  /** ONNX Runtime computes the same model in floating point, or with its own integer kernels. */
  @ParameterizedTest
  @CsvSource({"mobile, 8, 0", "mobile, 8, 2", "mobile, 4, 1", "resnet, 8, 0", "resnet, 6, 2"})
  void emulator_isOnnxRuntimeToTheBit(String name, int weightBits, int hot) {
    FixedPoint fixed = fixed(name, 8, weightBits, hot);
    CalibrationData data = ForeignModels.noise(fixed.model(), 6);
    for (OrtModel.Options options : List.of(OrtModel.Options.LITERAL, OrtModel.Options.DEPLOYED)) {
      try (OrtModel session = OrtModel.open(fixed.model().toBytes(), options)) {
        for (int item = 0; item < 6; item++) {
          float[] input = image(fixed.model(), data, item);
          assertThat(FixedEmulator.run(fixed.network(), input))
              .isEqualTo(session.run(input, shape(fixed.model(), data)));
        }
      }
    }
  }

  /** Sums of 16-bit numbers are rounded in floating point. */
  @Test
  void sixteenBits_areOnnxRuntimeUpToItsRounding() {
    FixedPoint fixed = fixed("mobile", 16, 8, 0);
    CalibrationData data = ForeignModels.noise(fixed.model(), 3);
    try (OrtModel session = OrtModel.open(fixed.model().toBytes(), OrtModel.Options.LITERAL)) {
      for (int item = 0; item < 3; item++) {
        float[] input = image(fixed.model(), data, item);
        float[] found = FixedEmulator.run(fixed.network(), input);
        assertThat(Decibels.between(session.run(input, shape(fixed.model(), data)), found))
            .isGreaterThan(70);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"mobile, 8, 0", "mobile, 8, 2", "resnet, 8, 2"})
  void compiledFile_computesWhatTheEmulatorDoes(
      String name, int weightBits, int hot, @TempDir Path folder)
      throws IOException, InterruptedException {
    Optional<String> compiler = compiler();
    assumeThat(compiler).as("a C++ compiler on the path").isPresent();
    FixedPoint fixed = fixed(name, 8, weightBits, hot);
    Path source = folder.resolve("network.cpp");
    Path program = folder.resolve("network");
    Files.writeString(source, CppWriter.write(fixed.network()));
    assertThat(
            run(
                folder,
                "",
                compiler.get(),
                "-std=c++11",
                "-O1",
                "-Wall",
                "-Werror",
                source.toString(),
                "-o",
                program.toString()))
        .isEmpty();

    CalibrationData data = ForeignModels.noise(fixed.model(), 5);
    StringJoiner inputs = new StringJoiner("\n", "", "\n");
    StringJoiner wanted = new StringJoiner("\n", "", "\n");
    for (int item = 0; item < 5; item++) {
      float[] input = image(fixed.model(), data, item);
      int[] integers = new int[input.length];
      for (int i = 0; i < input.length; i++) {
        integers[i] = fixed.network().input().format().quantize(input[i]);
      }
      Arrays.stream(integers).forEach(i -> inputs.add(Integer.toString(i)));
      Arrays.stream(FixedEmulator.run(fixed.network(), integers))
          .forEach(i -> wanted.add(Integer.toString(i)));
    }
    assertThat(run(folder, inputs.toString(), program.toString())).isEqualTo(wanted.toString());
  }

  private static Optional<String> compiler() {
    List<String> names = List.of("c++", "g++", "clang++");
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .flatMap(folder -> names.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }

  private static String run(Path folder, String input, String... command)
      throws IOException, InterruptedException {
    Path in = Files.writeString(folder.resolve("in"), input);
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .start();
    int code = process.waitFor();
    String text = Files.readString(out);
    assertThat(code).as(text).isZero();
    return text;
  }

  @ParameterizedTest
  @CsvSource({"resnet, 8, 0, 25", "resnet, 8, 2, 12", "mobile, 8, 0, 15"})
  void fixedPoint_keepsTheOutput(String name, int weightBits, int hot, double least) {
    FixedPoint fixed = fixed(name, 8, weightBits, hot);
    assertThat(ForeignModels.agreement(read(name), fixed.model())).isGreaterThan(least);
  }

  @Test
  void cost_countsDigitsAndNoMultipliersWithoutMultiplications() {
    FixedCost any = FixedCost.of(fixed("resnet", 8, 8, 0).network());
    FixedCost two = FixedCost.of(fixed("resnet", 8, 8, 2).network());
    FixedCost one = FixedCost.of(fixed("resnet", 8, 8, 1).network());
    assertThat(any.macs()).isEqualTo(two.macs());
    // Two products a block, one left over in a layer at most.
    assertThat(any.dspBlocks() * 2).isBetween(any.multipliers(), any.multipliers() + 20);
    assertThat(any.multipliers()).isPositive();
    assertThat(two.dspBlocks()).isZero();
    assertThat(two.multiplications()).isZero();
    assertThat(two.shiftAdds()).isLessThan(any.shiftAdds()).isLessThanOrEqualTo(2 * two.macs());
    assertThat(one.shiftAdds()).isLessThanOrEqualTo(one.macs()).isLessThan(two.shiftAdds());
  }

  private static OnnxGraph adding(OnnxNode... nodes) {
    OnnxGraph graph = OnnxGraph.create("adding", 17);
    Dimension[] shape = {Dimension.of("N"), Dimension.of(2), Dimension.of(3), Dimension.of(3)};
    graph.addInput(new ValueInfo("input", ElementType.FLOAT, List.of(shape)));
    graph.addOutput(new ValueInfo("sum", ElementType.FLOAT, List.of(shape)));
    graph.addInitializer(TensorValue.floats("w", new float[4], 2, 2, 1, 1));
    graph.addInitializer(TensorValue.floats("v", new float[4], 2, 2, 1, 1));
    graph.addInitializer(TensorValue.floats("b", new float[] {0.1f, 1}, 2));
    List.of(nodes).forEach(graph::add);
    return graph;
  }

  @Test
  void broadcastSum_isRefusedByName() {
    OnnxGraph graph =
        adding(
            OnnxNode.of("GlobalAveragePool", "mean", List.of("input"), List.of("means")),
            OnnxNode.of("Add", "broadcast", List.of("input", "means"), List.of("sum")));
    assertThatThrownBy(
            () ->
                FixedPoint.of(graph, ForeignModels.noise(graph, 4), new FixedSettings(8, 8, 0, 4)))
        .isInstanceOf(CompressionException.class)
        .hasMessageContaining("broadcast")
        .hasMessageContaining("different shapes");
  }

  /** Neither numbers that are all zero nor weights that are take a binary point far away. */
  @Test
  void zeros_keepTheBiasesBehindThem() {
    OnnxGraph graph =
        adding(
            OnnxNode.of("Conv", "zero", List.of("input", "w"), List.of("zeros")),
            OnnxNode.of("Conv", "biased", List.of("zeros", "v", "b"), List.of("biases")),
            OnnxNode.of("Add", "add", List.of("biases", "biases"), List.of("sum")));
    graph.addInitializer(TensorValue.floats("none", new float[2], 2));
    graph.replace(
        graph.nodes().getFirst(),
        List.of(OnnxNode.of("Conv", "zero", List.of("input", "w", "none"), List.of("zeros"))));
    FixedPoint fixed =
        FixedPoint.of(graph, ForeignModels.noise(graph, 4), new FixedSettings(8, 8, 0, 4));
    float[] out = FixedEmulator.run(fixed.network(), new float[18]);
    assertThat(out[0]).isEqualTo(0.2f, within(0.02f));
    assertThat(out[9]).isEqualTo(2, within(0.02f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mobilenetv3", "vit", "unet"})
  void operatorWithoutFixedForm_isNamed(String name) {
    assertThatThrownBy(() -> fixed(name, 8, 8, 0))
        .isInstanceOf(CompressionException.class)
        .hasMessageContaining("no fixed-point form")
        .hasMessageContaining("'/");
  }
}
