package dev.lathe.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Models of 2 GB, in one file and beyond what one file can have, within 3 GB of resident memory:
 * all that a command and its processes hold at one time, pages of mapped files counted in each.
 */
@Tag("slow")
@EnabledOnOs(OS.LINUX)
class LargeModelTest {
  private static final double MOST_BYTES = 3e9;
  private static final int SIDE = 4096;
  private static final int WEIGHT_BYTES = 4 * SIDE * SIDE;

  @TempDir private Path folder;
  private double mostBytes;

  @AfterEach
  void remove() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  /**
   * @param layers 31 are just below 2 GiB and lie in the file, 34 are beyond and lie beside it
   */
  @ParameterizedTest
  @ValueSource(ints = {31, 34})
  void largeModel_isInspectedMeasuredAndCompressedWithinThreeGigabytes(int layers)
      throws Exception {
    Path model = write(layers, layers > 31);
    Path json = folder.resolve("report.json");

    JsonNode inspected = lathe(json, "inspect", model.toString());
    assertThat(inspected.path("parameters").asLong()).isEqualTo((long) layers * SIDE * SIDE);
    assertThat(inspected.path("bytes").asLong()).isGreaterThan((long) layers * WEIGHT_BYTES);

    JsonNode measured = lathe(json, "measure", model.toString(), "--size", "S=8");
    assertThat(measured.path("measurements").get(0).path("p50").asDouble()).isPositive();

    JsonNode compressed =
        lathe(
            json,
            "compress",
            model.toString(),
            "--recipe",
            "weights8",
            "--size",
            "S=8",
            "--out",
            folder.resolve("small").toString());
    assertThat(compressed.path("bytes").asDouble())
        .isLessThan(0.27 * compressed.path("original").path("bytes").asDouble());
    assertThat(compressed.path("outputDecibels").asDouble()).isGreaterThan(20);
  }

  /** Runs a command to its end and watches its memory. */
  private JsonNode lathe(Path json, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of("sh", Path.of(System.getProperty("lathe.root"), "lathe").toString()));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--json", json.toString()));
    Path log = folder.resolve("log.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    mostBytes = 0;
    while (process.isAlive()) {
      double now =
          Stream.concat(Stream.of(process.toHandle()), process.descendants())
              .mapToDouble(LargeModelTest::residentBytes)
              .sum();
      mostBytes = Math.max(mostBytes, now);
      Thread.sleep(50);
    }
    assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    assertThat(mostBytes).as(String.join(" ", arguments)).isBetween(1e7, MOST_BYTES);
    return new ObjectMapper().readTree(json.toFile());
  }

  private static double residentBytes(ProcessHandle process) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToDouble(line -> 1024 * Double.parseDouble(line.replaceAll("\\D", "")))
          .sum();
    } catch (IOException | UncheckedIOException e) {
      return 0; // it has ended
    }
  }

  /** Layers x + tanh(x · w), [N, S, 4096], with weights of their own in the file or beside it. */
  private Path write(int layers, boolean beside) throws IOException {
    byte[] weight = new byte[WEIGHT_BYTES];
    SplittableRandom random = new SplittableRandom(1);
    ByteBuffer values = ByteBuffer.wrap(weight).order(ByteOrder.LITTLE_ENDIAN);
    while (values.hasRemaining()) {
      values.putFloat((float) (random.nextGaussian() / Math.sqrt(SIDE)));
    }
    Path file = folder.resolve("model.onnx");
    Path data = folder.resolve("model.onnx.data");
    ByteArrayOutputStream graph = new ByteArrayOutputStream();
    List<byte[]> heads = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      node(graph, "MatMul", "m" + i, "x" + i, "w" + i);
      node(graph, "Tanh", "t" + i, "m" + i);
      node(graph, "Add", "x" + (i + 1), "x" + i, "t" + i);
      heads.add(tensor("w" + i, beside ? (long) i * WEIGHT_BYTES : -1));
    }
    text(graph, 2, "large");
    message(graph, 11, value("x0"));
    message(graph, 12, value("x" + layers));
    long length = graph.size();
    for (byte[] head : heads) {
      long all = head.length + (beside ? 0L : 5L + WEIGHT_BYTES);
      length += 1 + varintBytes(all) + all;
    }
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
        OutputStream elements = new BufferedOutputStream(Files.newOutputStream(data))) {
      out.write(new byte[] {1 << 3, 8}); // version of the format
      tag(out, 7);
      varint(out, length);
      graph.writeTo(out);
      for (byte[] head : heads) {
        tag(out, 5);
        varint(out, head.length + (beside ? 0L : 5L + WEIGHT_BYTES));
        out.write(head);
        if (beside) {
          elements.write(weight);
        } else {
          tag(out, 9);
          varint(out, WEIGHT_BYTES);
          out.write(weight);
        }
      }
      ByteArrayOutputStream opset = new ByteArrayOutputStream();
      opset.writeBytes(new byte[] {2 << 3, 17});
      message(out, 8, opset);
    }
    return file;
  }

  private static void node(OutputStream graph, String operator, String output, String... inputs)
      throws IOException {
    ByteArrayOutputStream node = new ByteArrayOutputStream();
    for (String input : inputs) {
      text(node, 1, input);
    }
    text(node, 2, output);
    text(node, 3, output);
    text(node, 4, operator);
    message(graph, 1, node);
  }

  /** A tensor [4096, 4096] of floats without its elements, or with the place of these beside it. */
  private static byte[] tensor(String name, long offset) throws IOException {
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    for (int i = 0; i < 2; i++) {
      tensor.write(1 << 3);
      varint(tensor, SIDE);
    }
    tensor.writeBytes(new byte[] {2 << 3, 1});
    text(tensor, 8, name);
    if (offset >= 0) {
      entry(tensor, "location", "model.onnx.data");
      entry(tensor, "offset", Long.toString(offset));
      entry(tensor, "length", Integer.toString(WEIGHT_BYTES));
      tensor.writeBytes(new byte[] {14 << 3, 1});
    }
    return tensor.toByteArray();
  }

  private static void entry(OutputStream tensor, String key, String value) throws IOException {
    ByteArrayOutputStream entry = new ByteArrayOutputStream();
    text(entry, 1, key);
    text(entry, 2, value);
    message(tensor, 13, entry);
  }

  private static ByteArrayOutputStream value(String name) throws IOException {
    ByteArrayOutputStream shape = new ByteArrayOutputStream();
    for (String symbol : List.of("N", "S")) {
      ByteArrayOutputStream dimension = new ByteArrayOutputStream();
      text(dimension, 2, symbol);
      message(shape, 1, dimension);
    }
    ByteArrayOutputStream width = new ByteArrayOutputStream();
    width.write(1 << 3);
    varint(width, SIDE);
    message(shape, 1, width);
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    tensor.writeBytes(new byte[] {1 << 3, 1});
    message(tensor, 2, shape);
    ByteArrayOutputStream type = new ByteArrayOutputStream();
    message(type, 1, tensor);
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    text(value, 1, name);
    message(value, 2, type);
    return value;
  }

  private static void text(OutputStream out, int field, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    tag(out, field);
    varint(out, bytes.length);
    out.write(bytes);
  }

  private static void message(OutputStream out, int field, ByteArrayOutputStream message)
      throws IOException {
    tag(out, field);
    varint(out, message.size());
    message.writeTo(out);
  }

  /** The tag of a field with a length; its number is below 16. */
  private static void tag(OutputStream out, int field) throws IOException {
    out.write(field << 3 | 2);
  }

  private static void varint(OutputStream out, long value) throws IOException {
    long left = value;
    while (left > 127) {
      out.write((int) (left & 127 | 128));
      left >>>= 7;
    }
    out.write((int) left);
  }

  private static int varintBytes(long value) {
    return Math.max(1, Math.ceilDiv(Long.SIZE - Long.numberOfLeadingZeros(value), 7));
  }
}
