package dev.lathe.cli.farm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
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

  private Path key() throws IOException {
    return Files.writeString(folder.resolve("key"), "k");
  }

  @Test
  void agent_withoutAKey_isWrongUsage() throws Exception {
    Path empty = Files.writeString(folder.resolve("empty"), "");
    assertThat(
            run(
                new AgentCommand(),
                "--server",
                "http://localhost:1",
                "--name",
                "n",
                "--key-file",
                empty.toString()))
        .isEqualTo(2);
    assertThat(err.toString()).contains("Maybe pass --key-file");
  }

  @Test
  void agent_withABadAddress_isWrongUsage() throws Exception {
    assertThat(
            run(
                new AgentCommand(),
                "--server",
                "localhost:1",
                "--name",
                "n",
                "--key-file",
                key().toString()))
        .isEqualTo(2);
    assertThat(err.toString()).contains("'localhost:1' is no address of a service");
  }

  @Test
  void agent_onTheTableWithoutRecordings_isWrongUsage() throws Exception {
    assertThat(
            run(
                new AgentCommand(),
                "--server=http://localhost:1",
                "--name=n",
                "--key-file=" + key(),
                "--backend=table",
                "--home=" + folder))
        .isEqualTo(2);
    assertThat(err.toString()).contains("needs --recordings FILE");
  }

  @Test
  void measure_withAnUnknownProtocol_isWrongUsage() {
    assertThat(run(new MeasureCommand(), "m.onnx", "--protocol", "slow")).isEqualTo(2);
    assertThat(err.toString()).contains("no measurement protocol 'slow'", "Maybe");
  }

  @Test
  void measure_ofAMissingFile_fails() {
    assertThat(run(new MeasureCommand(), folder.resolve("absent.onnx").toString())).isEqualTo(1);
    assertThat(err.toString()).contains("absent.onnx", "MODEL_REFUSED");
  }
}
