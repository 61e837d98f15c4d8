package dev.lathe.cli.remote;

import dev.lathe.cli.client.LocalHome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes a home folder of a backup. */
@Command(
    name = "restore",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a home folder of a backup: whole or not at all, and never over one that is not empty.",
      "",
      "Example: ./lathe restore lathe-monday.tar.gz --home /srv/lathe"
    })
public final class RestoreCommand implements Callable<Integer> {
  @Parameters(paramLabel = "FILE", description = "that ./lathe backup wrote")
  private Path file = Path.of("");

  @Option(
      names = "--home",
      description = "folder to make, or that is empty; LATHE_HOME or ~/.lathe by default")
  private @Nullable Path home;

  @Override
  public Integer call() throws IOException, InterruptedException {
    return BackupCommand.run(
        LocalHome.of(Optional.ofNullable(home)), "restore", file, "is restored to");
  }
}
