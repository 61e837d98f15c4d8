package dev.lathe.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SearchBenchTest {
  @TempDir Path folder;
  private final StringWriter errors = new StringWriter();

  /**
   * Half of the 36 architectures of two genes; accuracy rises with both, latency with the first.
   */
  @BeforeEach
  void table() throws IOException {
    StringBuilder text =
        new StringBuilder("gene:a,gene:b,metric:accuracy_percent,metric:latency_ms\n");
    for (int a = 0; a < 6; a++) {
      for (int b = a % 2; b < 6; b += 2) {
        text.append("%d,%d,%d,%d\n".formatted(a, b, 10 * a + b, 1 + a * a));
      }
    }
    Files.writeString(folder.resolve("t.csv"), text);
  }

  private int run(String... options) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "--table",
                folder.resolve("t.csv").toString(),
                "--maximize",
                "accuracy_percent",
                "--minimize",
                "metric:latency_ms",
                "--json",
                folder.resolve("o.json").toString()));
    all.addAll(Arrays.asList(options));
    return new CommandLine(new SearchBench())
        .setErr(new PrintWriter(errors))
        .setOut(new PrintWriter(new StringWriter()))
        .execute(all.toArray(String[]::new));
  }

  private JsonNode json() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("o.json").toFile());
  }

  @Test
  void wholeTableRead_hasTheWholeHypervolume() throws IOException {
    assertThat(
            run(
                "--algorithm",
                "random",
                "--evaluations",
                "18",
                "--seeds",
                "2",
                "--rows-only",
                "--checkpoints",
                "1,9"))
        .isZero();
    JsonNode json = json();
    assertThat(json.at("/hypervolumeShare/values")).hasSize(2);
    assertThat(json.at("/hypervolumeShare/min").asDouble()).isCloseTo(1, within(1e-12));
    assertThat(json.at("/igdPlus/mean").asDouble()).isZero();
    assertThat(json.at("/best/accuracy_percent/mean").asDouble()).isEqualTo(55);
    assertThat(json.at("/best/latency_ms/mean").asDouble()).isEqualTo(1);
    assertThat(json.at("/checkpoints")).hasSize(3);
    assertThat(json.at("/checkpoints/0/hypervolumeShare/mean").asDouble())
        .isLessThanOrEqualTo(json.at("/checkpoints/1/hypervolumeShare/mean").asDouble())
        .isLessThan(1);
    assertThat(json.has("evaluationsUsed")).isFalse();
  }

  @Test
  void missingRows_areFailedEvaluations() throws IOException {
    assertThat(run("--algorithm", "random", "--evaluations", "36")).isZero();
    assertThat(json().at("/hypervolumeShare/mean").asDouble()).isCloseTo(1, within(1e-12));
    assertThat(run("--algorithm", "random", "--evaluations", "18", "--seeds", "3")).isZero();
    assertThat(json().at("/hypervolumeShare/mean").asDouble()).isLessThan(1);
  }

  @Test
  void constraints_boundTheExactFrontToo() throws IOException {
    assertThat(
            run(
                "--algorithm",
                "aging",
                "--evaluations",
                "18",
                "--rows-only",
                "--at-most",
                "latency_ms=5",
                "--at-least",
                "accuracy_percent=3"))
        .isZero();
    assertThat(json().at("/hypervolumeShare/mean").asDouble()).isCloseTo(1, within(1e-12));
    assertThat(json().at("/best/accuracy_percent/mean").asDouble()).isEqualTo(24);
    assertThat(run("--algorithm", "aging", "--evaluations", "18", "--at-most", "latency_ms=0.5"))
        .isEqualTo(2);
    assertThat(errors.toString()).contains("meets the constraints");
  }

  @Test
  void stagnation_endsARunEarly() throws IOException {
    assertThat(
            run(
                "--algorithm",
                "nsga2",
                "--population",
                "2",
                "--evaluations",
                "18",
                "--rows-only",
                "--stagnation",
                "4"))
        .isZero();
    assertThat(json().at("/evaluationsUsed/mean").asDouble()).isBetween(2.0, 17.0);
  }

  @Test
  void metricThatIsNotThere_isWrongUsageAndListed() {
    assertThat(run("--algorithm", "random", "--evaluations", "5", "--at-most", "bytes=3"))
        .isEqualTo(2);
    assertThat(errors.toString()).contains("'bytes'").contains("latency_ms");
    assertThat(run("--algorithm", "gradient", "--evaluations", "5")).isEqualTo(2);
    assertThat(errors.toString()).contains("'gradient'").contains("nsga2");
  }
}
