package dev.lathe.bench.payoff;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.ResNet;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Rivals are really trained and everything is really measured; the search's part is played. */
class PayoffBenchTest {
  private static final String[] FEW = {
    "--set", "trainImages=96", "--set", "validationImages=32", "--set", "testImages=64"
  };

  @TempDir Path folder;
  private final StringWriter errors = new StringWriter();
  private final List<ObjectNode> requests = new ArrayList<>();

  /** A search whose front is one small network that was trained for a moment. */
  private void search(ObjectNode request, Path home, Path report) throws IOException {
    requests.add(request);
    DataSet data =
        DataSets.load(
            "builtin", DataOptions.of(1).withAtMost(96, 32, 64), (fraction, message) -> {});
    RandomStreams streams = new RandomStreams(1);
    RivalTraining.Trained trained;
    try (Workers workers = new Workers(1);
        RivalTraining training = new RivalTraining(data, streams, workers)) {
      FixedNetwork network =
          FixedNetwork.of(new ResNet(8, 1, 3, data.shape().height(), data.classes().size()));
      trained = training.train(network, 0.1, home, (fraction, message) -> {});
    }
    ObjectNode tree = new ObjectMapper().createObjectNode();
    tree.putObject("data").put("classes", data.classes().size());
    ArrayNode front = tree.putArray("front");
    for (RivalTraining.Written written : trained.files()) {
      front
          .addObject()
          .put("id", "member-1-" + written.form())
          .put("precision", written.form())
          .put("onnx", home.resolve(written.file()).toString())
          .put("validationAccuracy", written.validationAccuracy())
          .put("testAccuracy", written.testAccuracy())
          .put("bytes", written.bytes());
    }
    new ObjectMapper().writeValue(report.toFile(), tree);
  }

  private int run(String... options) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--points",
                "1",
                "--minutes",
                "0.002",
                "--home",
                folder.resolve("home").toString(),
                "--json",
                folder.resolve("o.json").toString()));
    all.addAll(Arrays.asList(FEW));
    all.addAll(Arrays.asList(options));
    return new CommandLine(new PayoffBench(this::search))
        .setOverwrittenOptionsAllowed(true)
        .setErr(new PrintWriter(errors))
        .setOut(new PrintWriter(new StringWriter()))
        .execute(all.toArray(String[]::new));
  }

  private JsonNode json() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("o.json").toFile());
  }

  @Test
  @Tag("slow")
  void comparison_hasEveryFigure_andFinishedPhasesAreNotRepeated() throws IOException {
    assertThat(run()).as(errors::toString).isZero();
    JsonNode figures = json();
    assertThat(figures.path("lathe").path("front")).hasSize(2);
    assertThat(figures.path("rivals")).hasSize(3);
    for (JsonNode rival : figures.path("rivals")) {
      assertThat(rival.path("points")).hasSize(2);
      assertThat(rival.path("seconds").asDouble()).isPositive();
      assertThat(figures.path("hypervolume").has(rival.path("name").asText())).isTrue();
      for (JsonNode point : rival.path("points")) {
        assertThat(point.path("p50").asDouble()).isPositive();
        assertThat(point.path("testAccuracy").asDouble()).isBetween(0.0, 1.0);
      }
    }
    assertThat(figures.path("rivals").path(1).path("points").path(0).path("network").asText())
        .isEqualTo("resnet8-w16");
    assertThat(requests.getFirst().path("settings").path("baselines").isArray()).isTrue();
    assertThat(requests.getFirst().path("settings").path("baselines")).isEmpty();
    List<Long> before = written();

    assertThat(run("--seed", "2")).as(errors::toString).isZero();
    assertThat(requests).hasSize(2);
    assertThat(requests.getLast().path("seed").asLong()).isEqualTo(2);
    assertThat(written()).isEqualTo(before);

    assertThat(run()).as(errors::toString).isZero();
    assertThat(requests).hasSize(2);
    assertThat(run("--again", "lathe")).as(errors::toString).isZero();
    assertThat(requests).hasSize(3);
  }

  /** When the rivals' files were written. */
  private List<Long> written() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("home"))) {
      return files
          .filter(file -> !file.toString().contains("lathe-"))
          .filter(file -> file.toString().endsWith(".onnx"))
          .sorted()
          .map(file -> file.toFile().lastModified())
          .toList();
    }
  }

  @Test
  void wrongOptions_areRefusedBeforeAnythingIsDone() {
    assertThat(run("--points", "9")).isEqualTo(2);
    assertThat(run("--rivals", "vgg")).isEqualTo(2);
    assertThat(run("--data", "folder:/not/there")).isEqualTo(2);
    assertThat(run("--set", "baselines=[1]")).isEqualTo(2);
    assertThat(errors.toString())
        .contains("--points 9", "there is no rival 'vgg'", "does not exist", "its time is its own");
    assertThat(requests).isEmpty();
  }
}
