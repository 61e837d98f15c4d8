package dev.lathe.runs.isolated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.farm.Structure;
import dev.lathe.latency.FusedKernels;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.trial.LimitedJvm;
import dev.lathe.onnx.trial.LimitedProcess;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RequestDefaults;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models are read by processes that may break. */
class ModelReaderTest {
  private static final ModelReader READER = new ModelReader(ModelLimits.DEFAULT, Optional.empty());

  @TempDir Path folder;

  @AfterAll
  static void close() {
    READER.close();
  }

  @Test
  void soundModels_areReadAsInThisProcess() throws Exception {
    OnnxGraph sound = HostileModels.sound();
    byte[] bytes = sound.toBytes();
    Path file = Files.write(folder.resolve("sound.onnx"), bytes);
    assertThatCode(() -> READER.requireModel(bytes)).doesNotThrowAnyException();
    assertThat(READER.structure(bytes)).contains(Structure.sha256(sound));
    assertThat(READER.kernels(file)).isEqualTo(FusedKernels.of(sound, 1)).isNotEmpty();
  }

  @Test
  void whatIsNoModel_isRefused_andTheNextIsRead() {
    for (Map.Entry<String, byte[]> file : HostileModels.garbage().entrySet()) {
      assertThatThrownBy(() -> READER.requireModel(file.getValue()))
          .as(file.getKey())
          .isInstanceOf(ModelFailure.class)
          .message()
          .hasSizeGreaterThan(20);
      assertThat(READER.structure(file.getValue())).isEmpty();
    }
    assertThat(READER.structure(HostileModels.sound().toBytes())).isPresent();
  }

  @Test
  void modelThatFillsTheHeap_endsItsProcessAlone() {
    assertThatThrownBy(() -> READER.requireModel(HostileModels.packed(60)))
        .isInstanceOf(ModelFailure.class)
        .hasMessageContaining("more memory than");
    assertThat(READER.structure(HostileModels.sound().toBytes())).isPresent();
  }

  @Test
  void request_isCheckedWithItsModel() throws Exception {
    Path noModel = Files.write(folder.resolve("noise.onnx"), new byte[] {1, 2, 3});
    assertThatThrownBy(() -> READER.check(request(noModel)))
        .isInstanceOfSatisfying(
            InvalidSearch.class, e -> assertThat(e.field()).isEqualTo("space.model"));
    Path sound = Files.write(folder.resolve("fine.onnx"), HostileModels.sound().toBytes());
    assertThatCode(() -> READER.check(request(sound))).doesNotThrowAnyException();
  }

  @Test
  void processOfAModel_seesOfTheHomeWhatItsTaskNeeds() throws Exception {
    assumeTrue(LimitedJvm.isHiding(), "this system lets nobody hide files from a process");
    byte[] sound = HostileModels.sound().toBytes();
    Path home = folder.resolve("home");
    Path key = Files.write(Files.createDirectories(home.resolve("keys")).resolve("k"), sound);
    assertThat(answer(home, key, List.of(key)).has("done")).as("it is a model").isTrue();
    assertThat(answer(home, key, List.of()).path("failed").path("message").asText())
        .contains("cannot be read");
    try (ModelReader reader = new ModelReader(ModelLimits.DEFAULT, Optional.of(home))) {
      assertThatCode(() -> reader.check(request(key))).doesNotThrowAnyException();
      assertThat(reader.kernels(key)).isNotEmpty();
    }
  }

  /** What a process says of a model that lies in the home. */
  private static JsonNode answer(Path home, Path model, List<Path> readable) throws Exception {
    try (LimitedProcess process =
        ModelProcess.start(
            new LimitedProcess.Limits(2L << 30, 512L << 20, 600),
            ModelLimits.DEFAULT,
            Optional.of(home),
            readable,
            List.of())) {
      Wire wire = new Wire(process.folder());
      ObjectNode task = wire.object().put("task", Tasks.CHECK);
      Tasks.put(task, request(model));
      process.send(wire.line(task));
      String line = process.read(Duration.ofSeconds(60)).orElseThrow();
      return wire.message(line);
    }
  }

  private static SearchRequest request(Path model) {
    return RequestDefaults.fill(SearchRequest.of("builtin", 1), List.of("device"))
        .withSpace(
            Optional.of(new SpaceChoice.Model("sha256:" + "0".repeat(64), Optional.of(model))));
  }
}
