package dev.lathe.cli.remote;

import dev.lathe.cli.client.LocalHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a home folder with its database to one file. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a home folder with its database to one file that only you can read: it holds the keys,",
      "too. The service may run meanwhile or not.",
      "",
      "Example: ./lathe backup lathe-monday.tar.gz"
    })
public final class BackupCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "to write; must not be there yet")
  private Path file = Path.of("");

  @Option(names = "--home", description = "the home folder; LATHE_HOME or ~/.lathe by default")
  private @Nullable Path home;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return run(LocalHome.of(Optional.ofNullable(home)), "backup", file, "is the backup of");
  }

  static int run(LocalHome home, String what, Path file, String told)
      throws IOException, InterruptedException {
    String place = file.toAbsolutePath().normalize().toString();
    int code =
        new ProcessBuilder(ServiceJar.command(home, List.of("-Xmx256m"), what, place))
            .inheritIO()
            .start()
            .waitFor();
    if (code == 0) {
      System.out.printf("%s %s %s%n", place, told, home.folder());
    }
    return code;
  }
}
