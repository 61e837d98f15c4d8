package dev.lathe.cli.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.data.Accuracy;
import dev.lathe.data.Batches;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Progress;
import dev.lathe.data.picture.Preprocessing;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What a user's prediction says is what the report counted. */
class PredictCommandTest {
  private static final int SIDE = 16;
  private static final List<String> CLASSES = List.of("a", "b", "ü");
  private static final byte[] EXIF = {
    'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 0, 0,
    0, 0, 0, 0, 0
  };
  private static final int ORIENTATION_AT = 25;

  @TempDir Path folder;
  private final SplittableRandom random = new SplittableRandom(5);

  /** Odd sizes, all kinds of files and of pixels, all orientations; smooth as photographs are. */
  private void picture(Path file, int number) throws IOException {
    int width = 9 + random.nextInt(60);
    int height = 9 + random.nextInt(40);
    int[] types = {
      BufferedImage.TYPE_INT_RGB,
      BufferedImage.TYPE_BYTE_INDEXED,
      BufferedImage.TYPE_BYTE_GRAY,
      BufferedImage.TYPE_INT_ARGB,
      BufferedImage.TYPE_USHORT_GRAY,
      BufferedImage.TYPE_BYTE_BINARY
    };
    boolean jpeg = number % 2 == 0;
    BufferedImage image =
        new BufferedImage(
            width,
            height,
            jpeg
                ? number % 4 == 0 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB
                : types[number / 2 % types.length]);
    double[] wave = random.doubles(9, 0, 0.4).toArray();
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int pixel = number % 3 == 0 ? 0x80 : 0xff;
        for (int c = 0; c < 3; c++) {
          double value = Math.sin(wave[c] * x + wave[3 + c] * y + 20 * wave[6 + c]);
          pixel = pixel << 8 | (int) (127 + 127 * value);
        }
        image.setRGB(x, y, pixel);
      }
    }
    Files.createDirectories(file.getParent());
    if (!jpeg) {
      ImageIO.write(image, "png", Path.of(file + ".png").toFile());
      return;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "jpg", bytes);
    byte[] plain = bytes.toByteArray();
    byte[] exif = EXIF.clone();
    exif[ORIENTATION_AT] = (byte) (1 + number / 2 % 8);
    ByteArrayOutputStream turned = new ByteArrayOutputStream();
    turned.write(plain, 0, 2);
    turned.write(new byte[] {(byte) 0xff, (byte) 0xe1, 0, (byte) (2 + exif.length)});
    turned.write(exif);
    turned.write(plain, 2, plain.length - 2);
    Files.write(Path.of(file + ".jpg"), turned.toByteArray());
  }

  private OnnxGraph classifier(DataSet data) {
    OnnxGraph graph = OnnxGraph.create("linear", 17);
    Dimension n = Dimension.of("n");
    Dimension side = Dimension.of(SIDE);
    graph.addInput(
        new ValueInfo("input", ElementType.FLOAT, List.of(n, Dimension.of(3), side, side)));
    int values = 3 * SIDE * SIDE;
    float[] weights = new float[values * CLASSES.size()];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    graph.addInitializer(TensorValue.floats("w", weights, values, CLASSES.size()));
    graph.add(OnnxNode.of("Flatten", "", List.of("input"), List.of("flat")));
    graph.add(OnnxNode.of("MatMul", "", List.of("flat", "w"), List.of("logits")));
    graph.addOutput(
        new ValueInfo("logits", ElementType.FLOAT, List.of(n, Dimension.of(CLASSES.size()))));
    graph
        .metadata()
        .put(
            Preprocessing.KEY,
            Preprocessing.of(SIDE, data.normalization().mean(), data.normalization().std())
                .toJson());
    graph.metadata().put("lathe.classes", "[\"a\", \"b\", \"ü\"]");
    return graph;
  }

  private static Accuracy reported(OnnxGraph graph, LabelledImages images, DataSet data) {
    try (OrtModel model = OrtModel.open(graph.toBytes(), OrtModel.Options.DEPLOYED)) {
      float[] batch = Batches.of(images, 0, images.size(), data.normalization());
      return Accuracy.of(
          model.run(batch, images.size(), 3, SIDE, SIDE), CLASSES.size(), images.labels());
    }
  }

  @Test
  void predictions_areThoseOfTheReport_toTheLastPicture() throws IOException {
    for (int i = 0; i < 240; i++) {
      String part = i < 60 ? "train" : "test";
      picture(folder.resolve("pictures/%s/%s/%03d".formatted(part, CLASSES.get(i % 3), i)), i);
    }
    String spec = "folder:" + folder.resolve("pictures");
    DataOptions options = DataOptions.of(1);
    DataSet data = DataSets.load(spec, options.withResolution(SIDE), Progress.none());
    OnnxGraph graph = classifier(data);
    Path model = folder.resolve("model.onnx");
    graph.write(model);
    Accuracy reported = reported(graph, data.test(), data);

    assertThat(confusion(model, folder.resolve("pictures/test"))).isEqualTo(reported.confusion());
    DataSet larger = DataSets.load(spec, options.withResolution(2 * SIDE), Progress.none());
    assertThat(reported(graph, larger.test().resized(SIDE, SIDE), data).confusion())
        .as("a network of a smaller input than the data's is judged on the same pixels")
        .isEqualTo(reported.confusion());
  }

  private List<List<Integer>> confusion(Path model, Path pictures) throws IOException {
    Path json = folder.resolve("predictions.json");
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new PredictCommand())
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err, true))
            .execute(model.toString(), pictures.toString(), "--json", json.toString());
    assertThat(code).as(err.toString()).isZero();
    int[][] counts = new int[CLASSES.size()][CLASSES.size()];
    JsonNode predictions =
        new ObjectMapper().readTree(Files.readString(json, StandardCharsets.UTF_8));
    for (JsonNode prediction : predictions) {
      Path file = Path.of(prediction.path("file").asText());
      int truth = CLASSES.indexOf(file.getParent().getFileName().toString());
      counts[truth][CLASSES.indexOf(prediction.path("classes").get(0).path("name").asText())]++;
    }
    List<List<Integer>> rows = new ArrayList<>();
    for (int[] row : counts) {
      rows.add(java.util.Arrays.stream(row).boxed().toList());
    }
    return rows;
  }
}
