package dev.lathe.runs.isolated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.farm.Structure;
import dev.lathe.latency.FusedKernels;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RequestDefaults;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import java.nio.file.Files;
import java.nio.file.Path;
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

  private static SearchRequest request(Path model) {
    return RequestDefaults.fill(SearchRequest.of("builtin", 1), List.of("device"))
        .withSpace(
            Optional.of(new SpaceChoice.Model("sha256:" + "0".repeat(64), Optional.of(model))));
  }
}
