package dev.lathe.cli.compress;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class CompressCommandTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return run(new CompressCommand(), arguments);
  }

  private int run(Object command, String... arguments) {
    return new CommandLine(command)
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .setExecutionExceptionHandler(
            (problem, line, parsed) -> {
              line.getErr().println(problem.getMessage());
              return 1;
            })
        .execute(arguments);
  }

  private Path model() {
    OnnxGraph graph = OnnxGraph.create("small", 17);
    graph.addInput(value("input", new Dimension.Symbolic("n"), 3, 16, 16));
    weights(graph, "w1", 16, 3, 3, 3);
    weights(graph, "w2", 32, 16, 3, 3);
    weights(graph, "w3", 2, 32);
    graph.add(conv("input", "w1", "a"));
    graph.add(OnnxNode.of("Relu", "", List.of("a"), List.of("b")));
    graph.add(conv("b", "w2", "c"));
    graph.add(OnnxNode.of("GlobalAveragePool", "", List.of("c"), List.of("d")));
    graph.add(OnnxNode.of("Flatten", "", List.of("d"), List.of("e")));
    graph.add(
        OnnxNode.of(
            "Gemm", "", List.of("e", "w3"), List.of("logits"), Attribute.integer("transB", 1)));
    graph.addOutput(value("logits", new Dimension.Symbolic("n"), 2));
    Path model = folder.resolve("model.onnx");
    graph.write(model);
    return model;
  }

  private static ValueInfo value(String name, Dimension batch, long... sizes) {
    List<Dimension> shape = new ArrayList<>(List.of(batch));
    for (long size : sizes) {
      shape.add(new Dimension.Fixed(size));
    }
    return new ValueInfo(name, ElementType.FLOAT, shape);
  }

  private static void weights(OnnxGraph graph, String name, long... dims) {
    RandomGenerator random = new SplittableRandom(name.hashCode());
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.sqrt(2.0 * dims[0] / values.length));
    }
    graph.addInitializer(TensorValue.floats(name, values, dims));
  }

  private static OnnxNode conv(String input, String weight, String output) {
    return OnnxNode.of(
        "Conv",
        "",
        List.of(input, weight),
        List.of(output),
        Attribute.ints("kernel_shape", 3, 3),
        Attribute.ints("strides", 2, 2));
  }

  @Test
  void fixedPointRecipe_writesCppBesideTheModel() throws IOException {
    Path small = folder.resolve("small");
    int code =
        run(
            model().toString(),
            "--recipe",
            "fixed-shift-add",
            "--calibration",
            "noise:4",
            "--out",
            small.toString());
    assertThat(code).as(err.toString()).isZero();
    assertThat(small.resolve("model-fixed-shift-add.onnx")).exists();
    assertThat(Files.readString(small.resolve("model-fixed-shift-add.cpp")))
        .contains("#define HOT 2", "void network(");
    assertThat(out.toString()).contains("0 DSP blocks");
  }

  @Test
  void damagedFile_isRefusedBeforeAnythingIsWritten() throws IOException {
    Path damaged = folder.resolve("damaged.onnx");
    Files.write(damaged, Arrays.copyOf(Files.readAllBytes(model()), 2000));
    Path small = folder.resolve("small");
    assertThat(run(damaged.toString(), "--recipe", "int8", "--out", small.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("damaged.onnx").contains("Maybe");
    assertThat(small).doesNotExist();
  }

  @Test
  void fineTuning_learnsFromTheOriginalsAnswersToImages() throws Exception {
    Path json = folder.resolve("report.json");
    Path recipe = folder.resolve("small.yaml");
    Files.writeString(
        recipe,
        """
        name: small
        steps:
          - weight-only: {bits: 4}
          - fine-tune: {steps: 30, batch: 16}
        """);
    int code =
        run(
            model().toString(),
            "--recipe",
            recipe.toString(),
            "--calibration",
            "folder:" + images(),
            "--accept-broken",
            "--out",
            folder.resolve("out").toString(),
            "--json",
            json.toString());
    assertThat(code).as(err.toString()).isZero();
    JsonNode steps = new ObjectMapper().readTree(json.toFile()).path("steps");
    assertThat(steps.get(1).path("step").asText()).isEqualTo("fine-tune");
    assertThat(steps.get(1).path("outputDecibels").asDouble())
        .isGreaterThan(steps.get(0).path("outputDecibels").asDouble());
  }

  @Test
  void fineTuning_withoutImages_isRefused() {
    assertThat(
            run(
                model().toString(),
                "--recipe",
                "weights4+fine-tune",
                "--out",
                folder.resolve("out").toString()))
        .isEqualTo(1);
    assertThat(err.toString()).contains("step 'fine-tune'", "no images to learn from");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void policySearch_writesAFrontAndGoesOnWhereItWas() throws Exception {
    Path json = folder.resolve("policy.json");
    String[] arguments = {
      model().toString(),
      "--calibration",
      "folder:" + images(),
      "--forms",
      "weights8,weights4",
      "--objectives",
      "bytes",
      "--evaluations",
      "12",
      "--out",
      folder.resolve("policies").toString(),
      "--json",
      json.toString()
    };
    assertThat(run(new PolicyCommand(), arguments)).as(err.toString()).isZero();
    JsonNode first = new ObjectMapper().readTree(json.toFile());
    assertThat(first.path("front")).isNotEmpty();
    for (JsonNode member : first.path("front")) {
      Path file = Path.of(member.path("onnx").asText());
      assertThat(Files.size(file)).isEqualTo(member.path("bytes").asLong());
    }
    assertThat(run(new PolicyCommand(), arguments)).as(err.toString()).isZero();
    JsonNode second = new ObjectMapper().readTree(json.toFile());
    assertThat(second.path("evaluations")).isEqualTo(first.path("evaluations"));
    assertThat(second.findValues("policy")).isEqualTo(first.findValues("policy"));
  }

  @Test
  void policySearch_namesAPolicyThatKeepsALimit_orRefusesWhatCannotBeShown() throws Exception {
    Path json = folder.resolve("policy.json");
    List<String> arguments =
        new ArrayList<>(
            List.of(
                model().toString(),
                "--calibration",
                "noise:32",
                "--forms",
                "weights8",
                "--objectives",
                "bytes",
                "--evaluations",
                "6",
                "--out",
                folder.resolve("policies").toString(),
                "--json",
                json.toString(),
                "--max-drop",
                "0.1"));
    assertThat(run(new PolicyCommand(), arguments.toArray(String[]::new)))
        .as(err.toString())
        .isZero();
    JsonNode budget = new ObjectMapper().readTree(json.toFile()).path("budget");
    assertThat(budget.path("kept").asBoolean()).isTrue();
    assertThat(budget.path("drop").asDouble()).isLessThan(0.1);
    assertThat(Path.of(budget.path("onnx").asText())).exists();
    assertThat(out.toString()).contains("a drop of at most 0.1 is shown with confidence 0.95");
    arguments.set(2, "folder:" + images());
    assertThat(run(new PolicyCommand(), arguments.toArray(String[]::new))).isEqualTo(1);
    assertThat(err.toString()).contains("held-out items cannot show a drop of at most 0.1");
  }

  /** Discs and squares of any colour. */
  private Path images() throws IOException {
    Path images = folder.resolve("images");
    for (int i = 0; i < 80; i++) {
      BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
      Graphics2D pen = image.createGraphics();
      pen.setColor(new Color(37 * i % 256, 91 * i % 256, 53 * i % 256));
      if (i % 2 == 0) {
        pen.fillOval(i % 7, i % 5, 20, 20);
      } else {
        pen.fillRect(i % 7, i % 5, 20, 20);
      }
      pen.dispose();
      Path kind = images.resolve(i % 2 == 0 ? "disc" : "square");
      Files.createDirectories(kind);
      ImageIO.write(image, "png", kind.resolve(i + ".png").toFile());
    }
    return images;
  }
}
