package dev.lathe.farm.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class AgentCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir Path folder;

  private int run(String... arguments) {
    return new CommandLine(new AgentCommand())
        .setErr(new PrintWriter(err, true))
        .setOut(new PrintWriter(out, true))
        .setExecutionExceptionHandler(
            (e, line, parsed) -> {
              line.getErr().println(e.getMessage());
              return 1;
            })
        .execute(arguments);
  }

  private Path key() throws Exception {
    return Files.writeString(folder.resolve("agent.key"), "k\n");
  }

  @Test
  void agentWithoutAKey_isWrongUsage() throws Exception {
    Path empty = Files.writeString(folder.resolve("empty.key"), "");
    assertThat(run("--server", "http://localhost:1", "--name", "n", "--key-file=" + empty))
        .isEqualTo(2);
    assertThat(err.toString()).contains("Maybe pass --key-file");
  }

  @Test
  void keyFileThatIsMissing_isNamed() {
    assertThat(run("--server=http://localhost:1", "--name=n", "--key-file=absent.key"))
        .isEqualTo(1);
    assertThat(err.toString()).contains("key file 'absent.key'");
  }

  @Test
  void badAddress_isWrongUsage() throws Exception {
    assertThat(run("--server=localhost:1", "--name=n", "--key-file=" + key())).isEqualTo(2);
    assertThat(err.toString()).contains("'localhost:1' is no address of a service");
  }

  @Test
  void backEndWithoutWhatItNeeds_isWrongUsage() throws Exception {
    assertThat(
            run(
                "--server=http://localhost:1",
                "--name=n",
                "--key-file=" + key(),
                "--backend=replay",
                "--home=" + folder))
        .isEqualTo(2);
    assertThat(err.toString()).contains("'replay' needs the option 'recordings'", "Maybe");
  }

  @Test
  void optionThatABackEndDoesNotHave_isNamedWithThoseThatItHas() throws Exception {
    assertThat(
            run(
                "--server=http://localhost:1",
                "--name=n",
                "--key-file=" + key(),
                "-o",
                "colour=red",
                "--home=" + folder))
        .isEqualTo(2);
    assertThat(err.toString()).contains("no option 'colour'", "memory", "max-drift");
  }

  @Test
  void configuration_isReadAndTheCommandLineGoesBefore() throws Exception {
    Path config = folder.resolve("agent.conf");
    Files.writeString(
        config,
        """
        # a board
        server = http://localhost:1
        name = board
        key-file = %s
        backend = replay
        option.recordings = %s
        """
            .formatted(key(), folder));
    assertThat(run("--config=" + config, "--server=localhost:2")).isEqualTo(2);
    assertThat(err.toString()).contains("'localhost:2' is no address");
    assertThat(run("--config=" + config)).isEqualTo(1);
    assertThat(err.toString()).contains(folder.toString());
  }

  @Test
  void configurationWithAnUnknownName_isRefused() throws Exception {
    Path config = Files.writeString(folder.resolve("agent.conf"), "severs = x\n");
    assertThat(run("--config=" + config)).isEqualTo(1);
    assertThat(err.toString()).contains("has no 'severs'", "server", "Maybe");
  }

  @Test
  void check_saysWhatWorksAndWhatDoesNot() throws Exception {
    assertThat(
            run(
                "--check",
                "--server=http://localhost:1",
                "--key-file=" + key(),
                "--home=" + folder.resolve("home"),
                "-o",
                "max-drift=1e9"))
        .isEqualTo(1);
    assertThat(out.toString())
        .containsPattern("ok +device +cpu \\(")
        .containsPattern("ok +measures +the sentinel takes \\d")
        .containsPattern("PROBLEM +service +http://localhost:1 cannot be reached");
  }

  @Test
  void listOfBackEnds_namesEachWithItsOptions() {
    assertThat(run("--list-backends")).isZero();
    assertThat(out.toString()).contains("cpu ", "replay ", "-o recordings=");
  }
}
