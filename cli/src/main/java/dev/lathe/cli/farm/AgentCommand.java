package dev.lathe.cli.farm;

import dev.lathe.cli.client.LocalHome;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.agent.Agent;
import dev.lathe.farm.agent.AgentSettings;
import dev.lathe.farm.agent.RefusedException;
import dev.lathe.farm.cpu.CpuBackend;
import dev.lathe.farm.replay.RecordingBackend;
import dev.lathe.farm.replay.Recordings;
import dev.lathe.farm.replay.ReplayBackend;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes this machine a device of a service until it is ended. */
@Command(
    name = "agent",
    mixinStandardHelpOptions = true,
    description = {
      "Makes this machine a device of a service: fetches jobs, measures, reports, until it is ended.",
      "Example: lathe agent --server http://localhost:8080 --key-file agent.key --name my-laptop"
    })
public final class AgentCommand implements Callable<Integer> {
  /** Kinds of devices. */
  enum Backend {
    /** ONNX Runtime on this machine's processor. */
    CPU,
    /** Recorded measurements. */
    TABLE
  }

  private static final long STOP_LIMIT_MILLIS = 15_000;

  @Option(
      names = "--server",
      required = true,
      paramLabel = "URL",
      description = "Address of the service.")
  private URI server = URI.create("http://localhost:8080");

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description =
          "File with an API key of the scope 'agent'; default: LATHE_KEY_FILE, the key in LATHE_KEY, or that of your home folder if its service is asked.")
  private @Nullable Path keyFile;

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "Name of the device, unique within the service.")
  private String name = "";

  @Option(
      names = "--backend",
      defaultValue = "cpu",
      paramLabel = "KIND",
      description = "What measures: ${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
  private Backend backend = Backend.CPU;

  @Option(
      names = "--recordings",
      paramLabel = "FILE",
      description =
          "With 'table': the measurements to give out; with 'cpu': where to record what is measured.")
  private @Nullable Path recordings;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "Folder for models and results; default: lathe-home/agent-NAME.")
  private @Nullable Path home;

  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call()
      throws IOException, MeasurementFailed, RefusedException, InterruptedException {
    String key = key();
    if (key.isBlank()) {
      throw wrong("an agent needs a key. Maybe pass --key-file FILE, or set LATHE_KEY_FILE.");
    }
    AgentSettings settings;
    try {
      settings =
          AgentSettings.usual(
              server, key, name, home == null ? Path.of("lathe-home", "agent-" + name) : home);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
    try (MeasurementBackend device = open()) {
      Agent agent = new Agent(settings, device, AgentCommand::print);
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> end(agent)));
      agent.run();
    }
    return 0;
  }

  private String key() throws IOException {
    if (keyFile != null) {
      return LocalHome.read(keyFile);
    }
    Map<String, String> environment = System.getenv();
    if (environment.containsKey("LATHE_KEY")) {
      return environment.get("LATHE_KEY").strip();
    }
    return environment.containsKey("LATHE_KEY_FILE")
        ? LocalHome.read(Path.of(environment.get("LATHE_KEY_FILE")))
        : LocalHome.of(Optional.empty()).key("agent", server).orElse("");
  }

  private MeasurementBackend open() throws IOException, MeasurementFailed, InterruptedException {
    Optional<Recordings> recorded =
        recordings == null ? Optional.empty() : Optional.of(Recordings.open(recordings));
    return switch (backend) {
      case CPU -> {
        MeasurementBackend cpu = CpuBackend.start(CpuBackend.Settings.usual());
        yield recorded.<MeasurementBackend>map(r -> new RecordingBackend(cpu, r)).orElse(cpu);
      }
      case TABLE ->
          new ReplayBackend(
              recorded.orElseThrow(() -> wrong("the back end 'table' needs --recordings FILE.")));
    };
  }

  private static void end(Agent agent) {
    agent.stop();
    try {
      if (!agent.awaitEnd(STOP_LIMIT_MILLIS)) {
        print("the agent did not end in time; its job's lease will run out");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void print(String line) {
    System.out.println(LocalTime.now().truncatedTo(ChronoUnit.SECONDS) + " " + line);
    System.out.flush();
  }

  private ParameterException wrong(String message) {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the command's description");
    }
    return new ParameterException(spec.commandLine(), message);
  }
}
