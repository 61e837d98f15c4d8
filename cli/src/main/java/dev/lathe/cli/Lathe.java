package dev.lathe.cli;

import dev.lathe.cli.client.LocalHome;
import dev.lathe.cli.compress.CompressCommand;
import dev.lathe.cli.compress.InspectCommand;
import dev.lathe.cli.compress.PolicyCommand;
import dev.lathe.cli.data.DataCommand;
import dev.lathe.cli.data.PredictCommand;
import dev.lathe.cli.demo.Demo;
import dev.lathe.cli.farm.MeasureCommand;
import dev.lathe.cli.gate.GateCommand;
import dev.lathe.cli.remote.ArtifactCommand;
import dev.lathe.cli.remote.BackupCommand;
import dev.lathe.cli.remote.DataSetCommand;
import dev.lathe.cli.remote.DeviceCommand;
import dev.lathe.cli.remote.KeyCommand;
import dev.lathe.cli.remote.RestoreCommand;
import dev.lathe.cli.remote.SearchCommand;
import dev.lathe.cli.remote.Serve;
import dev.lathe.cli.slim.SlimCommand;
import dev.lathe.farm.command.AgentCommand;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the command line. */
@Command(
    name = "lathe",
    mixinStandardHelpOptions = true,
    version = "lathe 0.1.0",
    description = "Shapes neural networks to hardware.",
    subcommands = {
      Demo.class,
      DataCommand.class,
      PredictCommand.class,
      Serve.class,
      BackupCommand.class,
      RestoreCommand.class,
      AgentCommand.class,
      SearchCommand.class,
      DeviceCommand.class,
      DataSetCommand.class,
      ArtifactCommand.class,
      KeyCommand.class,
      MeasureCommand.class,
      CompressCommand.class,
      PolicyCommand.class,
      InspectCommand.class,
      GateCommand.class,
      SlimCommand.class
    })
public final class Lathe {
  private Lathe() {}

  /** Runs a command and ends the process with its exit code. */
  public static void main(String... args) {
    endWithParent();
    int code;
    try {
      code = commandLine().execute(args);
    } catch (OutOfMemoryError e) {
      System.err.println(
          "lathe: the memory of this process, %d MB, is not enough. Maybe give it more with LATHE_JAVA_OPTS=-Xmx8g."
              .formatted(Runtime.getRuntime().maxMemory() >> 20));
      code = 1;
    }
    System.exit(code);
  }

  /** Ends with the process that {@code lathe.parent} names, however that ends. */
  private static void endWithParent() {
    Long parent = Long.getLong("lathe.parent");
    if (parent != null) {
      var unused =
          ProcessHandle.of(parent)
              .map(ProcessHandle::onExit)
              .orElseGet(() -> CompletableFuture.completedFuture(null))
              .thenRun(() -> System.exit(0));
    }
  }

  /**
   * The configured command line; exit codes: 0 success, 1 failure, 2 wrong usage, 3 gate missed.
   */
  static CommandLine commandLine() {
    CommandLine lathe = new CommandLine(new Lathe(), new Factory());
    ServiceLoader.load(Subcommand.class).forEach(lathe::addSubcommand);
    return lathe
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (exception, commandLine, parsed) -> {
              commandLine.getErr().println("lathe: " + message(exception));
              if (System.getenv("LATHE_DEBUG") != null) {
                exception.printStackTrace(commandLine.getErr());
              }
              return 1;
            });
  }

  /** Makes commands; an agent of this machine's own service finds its key by itself. */
  private static final class Factory implements CommandLine.IFactory {
    private final CommandLine.IFactory usual = CommandLine.defaultFactory();

    @Override
    public <K> K create(Class<K> type) throws Exception {
      return type == AgentCommand.class
          ? type.cast(
              new AgentCommand(server -> LocalHome.of(Optional.empty()).key("agent", server)))
          : usual.create(type);
    }
  }

  /** One line; of faults in this program also what kind, since their messages say little. */
  private static String message(Throwable exception) {
    String text = String.valueOf(exception.getMessage());
    boolean fault =
        exception instanceof NullPointerException
            || exception instanceof IndexOutOfBoundsException
            || exception instanceof ArithmeticException
            || exception instanceof ClassCastException
            || exception instanceof IllegalStateException
            || exception instanceof NoSuchElementException;
    if (fault) {
      return "a fault in this program: %s (%s). Maybe report it with the input; LATHE_DEBUG=1 shows where."
          .formatted(firstLine(text), exception.getClass().getSimpleName());
    }
    return exception.getMessage() == null ? exception.getClass().getSimpleName() : firstLine(text);
  }

  private static String firstLine(String text) {
    return text.lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst().orElse(text);
  }
}
