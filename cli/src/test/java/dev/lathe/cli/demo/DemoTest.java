package dev.lathe.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.runs.SettingNames;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What is wrong for certain is said before anything is started. */
class DemoTest {
  @TempDir Path folder;

  private String refusal(String... arguments) {
    StringWriter err = new StringWriter();
    int code =
        new CommandLine(new Demo())
            .setErr(new PrintWriter(err, true))
            .setExecutionExceptionHandler(
                (problem, line, parsed) -> {
                  line.getErr().println(problem.getMessage());
                  return 1;
                })
            .execute(arguments);
    assertThat(code).isNotZero();
    assertThat(folder).as("nothing was begun in the home").isEmptyDirectory();
    return err.toString();
  }

  @Test
  void wrongRequests_areRefusedBeforeAServiceStarts() {
    String home = folder.toString();
    assertThat(refusal("--home", home, "--set", "stepz=5")).contains("no setting 'stepz'");
    assertThat(refusal("--home", home, "--minutes", "0")).contains("minutes must be above 0");
    assertThat(refusal("--home", home, "--data", home)).contains("Maybe folder:" + home);
  }

  @Test
  void help_namesEverySetting() {
    assertThat(new CommandLine(new Demo()).getUsageMessage().replaceAll("\\s+", " "))
        .contains(SettingNames.ALL);
  }
}
