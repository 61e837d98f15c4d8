package dev.lathe.cli.farm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class FarmCommandsTest {
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  private int run(Object command, String... arguments) {
    return new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setErr(new PrintWriter(err, true))
        .setOut(new PrintWriter(new StringWriter()))
        .execute(arguments);
  }

  @Test
  void measure_withAnUnknownProtocol_isWrongUsage() {
    assertThat(run(new MeasureCommand(), "m.onnx", "--protocol", "slow")).isEqualTo(2);
    assertThat(err.toString()).contains("no measurement protocol 'slow'", "Maybe");
  }

  @Test
  void measure_onAnUnknownBackEnd_isWrongUsageAndNamesThoseThereAre() {
    assertThat(run(new MeasureCommand(), "m.onnx", "--backend", "abacus")).isEqualTo(2);
    assertThat(err.toString()).contains("there is no back end 'abacus'", "cpu", "replay");
  }

  @Test
  void measure_withoutAModel_isWrongUsage() {
    assertThat(run(new MeasureCommand())).isEqualTo(2);
    assertThat(err.toString()).contains("there is no model", "Maybe");
  }

  @Test
  void measure_ofAMissingFile_fails() {
    assertThat(run(new MeasureCommand(), folder.resolve("absent.onnx").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("absent.onnx", "MODEL_REFUSED");
  }
}
