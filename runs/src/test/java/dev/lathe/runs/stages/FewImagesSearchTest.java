package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.runs.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches on a few pictures, on a device that follows a law. */
class FewImagesSearchTest {
  private static final int EACH = 20;
  private static final int CLASSES = 3;

  @TempDir Path folder;
  private final MemoryStore store = new MemoryStore();

  @BeforeEach
  void pictures() throws IOException {
    FewPictures.write(folder.resolve("pictures"), CLASSES, EACH);
  }

  private JsonNode search(Map<String, Object> more) throws IOException {
    Map<String, Object> settings =
        new HashMap<>(Map.of("calibrationNetworks", 24, "fineTuneSteps", 8, "members", 2));
    settings.putAll(more);
    SearchRequest request =
        SearchRequest.of("folder:" + folder.resolve("pictures"), 1)
            .withBudget(new SearchRequest.Budget(OptionalDouble.empty(), OptionalInt.of(12), 0))
            .withSettings(settings);
    Path work = Files.createDirectories(folder.resolve("work"));
    new StagedSearch(InstantSource.system(), Tables.none())
        .run(request, store, new RooflineDevice(), () -> {}, work);
    return Facts.JSON.readTree(store.report());
  }

  private List<StoredArtifact> files(String network) {
    return store.artifacts().stream()
        .filter(one -> one.record().kind() == ArtifactRecord.Kind.MEMBER)
        .filter(one -> one.record().key().startsWith(network + "-"))
        .toList();
  }

  /** Every figure comes from all images, each judged by a network that did not see it. */
  private void requireUnseen(JsonNode report) {
    assertThat(report.path("data").path("folds").asInt()).isEqualTo(Folds.COUNT);
    int all = CLASSES * EACH;
    int inFolds = report.path("data").path("inFolds").asInt();
    assertThat(inFolds + report.path("data").path("test").asInt()).isEqualTo(all);
    for (JsonNode member : report.path("front")) {
      JsonNode unseen = member.path("crossValidated");
      assertThat(unseen.path("images").asInt()).as(member.path("id").asText()).isEqualTo(all);
      assertThat(member.path("validationImages").asInt()).isEqualTo(inFolds);
      double together =
          (member.path("validationAccuracy").asDouble() * inFolds
                  + member.path("testTop1").asDouble() * (all - inFolds))
              / all;
      assertThat(unseen.path("accuracy").asDouble()).isCloseTo(together, within(1e-9));
      assertThat(unseen.path("upper").asDouble() - unseen.path("lower").asDouble())
          .isLessThan(member.path("testUpper").asDouble() - member.path("testLower").asDouble());
    }
    assertThat(report.path("closing").get(0).asText())
        .contains("60 images, each judged by a network that was trained without it");
  }

  @Test
  void backbone_isCut_andTrainedForTheNewClasses() throws Exception {
    Path backbone = folder.resolve("backbone.onnx");
    CutSearchTest.trained().write(backbone);
    JsonNode report = search(Map.of("from", backbone.toString()));
    requireUnseen(report);
    assertThat(files(TransferMembers.WHOLE)).hasSize(2);
    assertThat(files(LinearMembers.BACKBONE)).hasSize(1);
    StoredArtifact whole = store.artifact("backbone-float32").orElseThrow();
    StoredArtifact cut = store.artifact("member-1-float32").orElseThrow();
    assertThat(cut.record().macs().orElseThrow()).isLessThan(whole.record().macs().orElseThrow());
    assertThat(store.supernet()).as("nothing is trained from nothing").isEmpty();
    assertThat(report.path("search").path("space").asText()).startsWith("model");
  }

  @Test
  void withoutABackbone_membersLearnFromAllImages() throws Exception {
    JsonNode report = search(Map.of("supernetSteps", 10));
    requireUnseen(report);
    assertThat(files("member-1")).isNotEmpty();
    assertThat(report.path("baseline")).isEmpty();
  }
}
