package dev.lathe.cli.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class GateTest {
  @TempDir Path folder;

  @Test
  void limit_isKeptAtItsBound() {
    assertThat(Limit.parse("latency@pi <= 5").judge(5).passed()).isTrue();
    assertThat(Limit.parse("latency@pi<=5").judge(5.01).passed()).isFalse();
    assertThat(Limit.parse("accuracy>=0.9").judge(0.89).text())
        .isEqualTo("accuracy is 0.89, at least 0.9 allowed");
    assertThatThrownBy(() -> Limit.parse("accuracy=1")).hasMessageContaining("Maybe");
  }

  @Test
  void bytesOfAFile_areJudgedWithoutAService() throws IOException {
    Path file = Files.write(folder.resolve("net.onnx"), new byte[100]);
    assertThat(gate(file, "--max-bytes", "100")).isZero();
    assertThat(gate(file, "--max-bytes", "99")).isEqualTo(3);
  }

  private static int gate(Path file, String... limit) {
    List<String> arguments = new ArrayList<>(List.of("--artifact", file.toString()));
    arguments.addAll(List.of(limit));
    // Nothing answers there.
    arguments.addAll(List.of("--url", "http://127.0.0.1:1"));
    return new CommandLine(new GateCommand()).execute(arguments.toArray(String[]::new));
  }

  @Test
  void budgetFile_namesWhatIsWrong() throws IOException {
    Path budget = folder.resolve("budget.yaml");
    Files.writeString(
        budget, "limits:\n- {metric: latency@my pi, atMost: 5}\n- {metric: bytes, atMost: 10}\n");
    assertThat(Limit.budget(budget))
        .containsExactly(new Limit("latency@my pi", true, 5), new Limit("bytes", true, 10));
    Files.writeString(budget, "limits:\n- {metric: bytes, most: 10}\n");
    assertThatThrownBy(() -> Limit.budget(budget)).hasMessageContaining("most");
  }

  /**
   * Rounds of a machine that is disturbed every now and then, in both networks of a round alike.
   */
  private static double[][] rounds(double slower, long seed) {
    Random random = new Random(seed);
    double[][] rounds = new double[2][15];
    for (int i = 0; i < 15; i++) {
      double machine = random.nextInt(4) == 0 ? 1.3 + random.nextDouble() : 1;
      rounds[0][i] = machine * (1 + 0.02 * random.nextGaussian());
      rounds[1][i] = slower * machine * (1 + 0.02 * random.nextGaussian());
    }
    return rounds;
  }

  @Test
  void comparison_failsNothingByNoise_andSeesATenthSlower() {
    int red = 0;
    int seen = 0;
    for (int seed = 0; seed < 50; seed++) {
      double[][] same = rounds(1, seed);
      double[][] slower = rounds(1.1, seed);
      red += PairedBootstrap.of(same[0], same[1], new Random(1)).judge("l", 0.03).passed() ? 0 : 1;
      seen +=
          PairedBootstrap.of(slower[0], slower[1], new Random(1)).judge("l", 0.03).passed() ? 0 : 1;
    }
    assertThat(red).isZero();
    assertThat(seen).isGreaterThanOrEqualTo(45);
    assertThatThrownBy(() -> PairedBootstrap.of(new double[2], new double[2], new Random(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void reports_tellWhatFailed() throws IOException {
    List<Finding> findings =
        List.of(new Finding("bytes", true, "fits"), new Finding("a<b", false, "is \"too\" much"));
    Path xml = folder.resolve("gate.xml");
    Path markdown = folder.resolve("gate.md");
    GateReports.junit(xml, "net.onnx", findings);
    GateReports.markdown(markdown, "net.onnx", findings);
    assertThat(Files.readString(xml))
        .contains("tests=\"2\" failures=\"1\"", "name=\"a&lt;b\"", "&quot;too&quot;");
    assertThat(Files.readString(markdown)).contains("| ✗ | `a<b` | is \"too\" much |");
  }
}
