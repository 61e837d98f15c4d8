package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done with files from some size on, with files of any size. */
class LargeModelTest {
  private static final int LEAST_BYTES = 64;

  @TempDir private Path folder;
  private final OnnxGraph graph = SmallModels.convolutional();
  private Path file = Path.of("");

  @BeforeEach
  void write() {
    graph.addInitializer(
        TensorValue.int64("steps", new long[] {1, -2, 3, 1L << 40, 5, 6, 7, 8}, 8));
    graph.addInitializer(TensorValue.halves("h", new float[] {1, 0.5f, -2}, 3));
    graph.addInitializer(TensorValue.floats("table", SmallModels.random(400, 6), 20, 20));
    graph.metadata().put("classes", "a,b");
    file = folder.resolve("model.onnx");
    graph.write(file);
  }

  private OnnxGraph read() {
    return OnnxGraph.read(file, 1, LEAST_BYTES);
  }

  private static float[] run(OrtModel model) {
    try (model) {
      return model.run(SmallModels.random(2 * 3 * 64, 9), 2, 3, 8, 8);
    }
  }

  @Test
  void weightsThatStayInTheFile_areThoseOfTheModel() {
    OnnxGraph read = read();
    assertThat(read.initializers())
        .filteredOn(tensor -> tensor.stored().isPresent())
        .extracting(TensorValue::name)
        .containsExactly("w", "v", "steps", "table");
    for (TensorValue tensor : graph.initializers()) {
      TensorValue same = read.initializer(tensor.name()).orElseThrow();
      assertThat(same.tensorType()).isEqualTo(tensor.tensorType());
      assertThat(same.toByteArray()).isEqualTo(tensor.toByteArray());
      assertThat(same.floats()).isEqualTo(tensor.floats());
      assertThat(same.longs()).isEqualTo(tensor.longs());
      assertThat(same.named("other").floats()).isEqualTo(tensor.floats());
      assertThat(same.reshaped(tensor.elements()).floats()).isEqualTo(tensor.floats());
    }
    assertThat(read.bytes()).isEqualTo(graph.toBytes().length);
    assertThat(read.toBytes()).isEqualTo(graph.toBytes());
  }

  @Test
  void fileThatIsMoved_staysReadable() throws IOException {
    OnnxGraph read = read();
    Files.delete(file);
    SmallModels.convolutional().write(file);
    assertThat(read.toBytes()).isEqualTo(graph.toBytes());
  }

  @Test
  void fileThatBecomesShorter_isSaid() throws IOException {
    OnnxGraph read = read();
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(200);
    }
    assertThatThrownBy(() -> read.initializer("v").orElseThrow().floats())
        .isInstanceOf(OnnxException.class)
        .hasMessageContaining("became shorter");
  }

  @Test
  void longTensors_areReadInParts() {
    float[] values = SmallModels.random((1 << 20) + 12345, 3);
    OnnxGraph wide = OnnxGraph.create("wide", 17);
    wide.addInitializer(TensorValue.floats("w", values, values.length));
    wide.addInitializer(TensorValue.bfloats("b", values, values.length));
    wide.write(file);
    assertThat(read().initializer("w").orElseThrow().floats()).isEqualTo(values);
    assertThat(read().initializer("b").orElseThrow().floats())
        .isEqualTo(wide.initializer("b").orElseThrow().floats());
  }

  @Test
  void weightsApart_areReadBackAndRunAlike() throws IOException {
    float[] wanted = run(OrtModel.open(graph, OrtModel.Options.DEPLOYED));
    graph.writeApart(file);
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("model.onnx", "model.onnx.data");
    assertThat(Files.size(file)).isLessThan(graph.bytes());
    assertThat(run(OrtModel.open(file, OrtModel.Options.DEPLOYED))).isEqualTo(wanted);
    assertThat(read().toBytes()).isEqualTo(OnnxGraph.read(file).toBytes());
    assertThat(ordered(read())).isEqualTo(ordered(graph));
    Path beside;
    try (TemporaryModel temporary = TemporaryModel.apart(read())) {
      beside = temporary.file();
      assertThat(run(OrtModel.open(beside, OrtModel.Options.LITERAL))).hasSize(10);
    }
    assertThat(beside.getParent()).doesNotExist();
  }

  /** Initializers apart come after the others. */
  private static List<String> ordered(OnnxGraph graph) {
    return graph.initializers().stream()
        .map(tensor -> tensor + Arrays.toString(tensor.floats()))
        .sorted()
        .toList();
  }

  private Optional<byte[]> survives(int leastFileBytes) {
    try {
      return Optional.of(OnnxGraph.read(file, leastFileBytes, LEAST_BYTES).toBytes());
    } catch (OnnxException e) {
      assertThat(e).hasMessageContaining("model.onnx");
      return Optional.empty();
    }
  }

  /** Cut off anywhere, and with any byte changed. */
  @Test
  void damagedFiles_areRefusedAsTheyAreWhenReadAsAWhole() throws IOException {
    byte[] sound = Files.readAllBytes(file);
    int refused = 0;
    for (int at = 0; at < sound.length; at += 3) {
      byte[] changed = sound.clone();
      changed[at] ^= (byte) (1 << at % 8);
      for (byte[] damaged : List.of(Arrays.copyOf(sound, at), changed)) {
        Files.write(file, damaged);
        Optional<byte[]> stored = survives(0);
        Optional<byte[]> whole = survives(Integer.MAX_VALUE);
        assertThat(stored.isPresent()).as("byte %d", at).isEqualTo(whole.isPresent());
        stored.ifPresent(bytes -> assertThat(bytes).isEqualTo(whole.get()));
        refused += stored.isPresent() ? 0 : 1;
      }
    }
    assertThat(refused).isGreaterThan(sound.length / 3);
  }
}
