package dev.lathe.cli.data;

import dev.lathe.cli.compress.JsonFile;
import dev.lathe.cli.demo.Homes;
import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataReport;
import dev.lathe.data.DataSets;
import dev.lathe.data.ReportedData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a data set as a search would and says what it found. */
@Command(
    name = "data",
    mixinStandardHelpOptions = true,
    description = {
      "Reads a data set as a search would, and says what a person should know before training:",
      "classes and counts, splits, what was passed over, what cannot be read, images that occur",
      "twice. Decoded images are kept for the search that follows.",
      "",
      "Example: ./lathe data folder:pictures --json data.json"
    })
public final class DataCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "SPEC", description = DataSets.KINDS)
  private String data = "";

  @Option(names = "--json", description = "file for the report")
  private Optional<Path> json = Optional.empty();

  @Option(
      names = "--skip-bad",
      description = "leave out files that cannot be read, rather than refuse the data")
  private boolean skipBad;

  @Option(
      names = "--resolution",
      paramLabel = "PIXELS",
      description =
          "side to which images are brought; that of the data, at most 64, if not given; a search with time for it trains larger ones")
  private int resolution;

  @Option(names = "--seed", defaultValue = "1", description = "divides the data; 1 by default")
  private long seed = 1;

  @Option(
      names = "--home",
      description = "where decoded images are kept; LATHE_HOME or ~/.lathe by default")
  private Optional<Path> home = Optional.empty();

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    DataOptions options =
        DataOptions.of(seed)
            .withResolution(resolution)
            .withHome(Homes.folder(home))
            .skippingUnreadable(skipBad);
    ProgressLine line = ProgressLine.onStandardError();
    DataReport report =
        DataSets.open(data, options, (done, message) -> line.show("data", done, message)).report();
    line.end();
    DataText.print(report, spec.commandLine().getOut());
    if (json.isPresent()) {
      JsonFile.write(json.get(), ReportedData.of(report));
    }
    return 0;
  }
}
