package dev.lathe.farm.command;

import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.agent.Agent;
import dev.lathe.farm.agent.AgentSettings;
import dev.lathe.farm.agent.DeviceKey;
import dev.lathe.farm.agent.RefusedException;
import dev.lathe.farm.agent.ServerTrust;
import dev.lathe.farm.replay.RecordingBackend;
import dev.lathe.farm.replay.Recordings;
import dev.lathe.onnx.trial.Hidden;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes this machine, or a device at it, a device of a service until it is ended. */
@Command(
    name = "agent",
    mixinStandardHelpOptions = true,
    description = {
      "Makes this machine, or what hangs on it, a device of a service: fetches jobs, measures,"
          + " reports, until it is ended.",
      "Example: lathe agent --server http://localhost:8080 --key-file agent.key --name my-laptop"
    })
public final class AgentCommand implements Callable<Integer> {
  private static final long STOP_LIMIT_MILLIS = 15_000;

  @Option(names = "--server", paramLabel = "URL", description = "Address of the service.")
  private @Nullable URI server;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "PEM file with the certificate of a service over TLS, or its authority's; default: LATHE_CA,"
              + " or the authorities that Java knows.")
  private @Nullable Path ca;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description =
          "File with an API key of the scope 'agent'; default: LATHE_KEY_FILE, the key in"
              + " LATHE_KEY, or that of your home folder if its service is asked.")
  private @Nullable Path keyFile;

  @Option(
      names = "--enrol",
      paramLabel = "FILE",
      description =
          "File with the one-time token of ./lathe device enrol NAME; '-' reads it from the input."
              + " The key that it brings is kept in the agent's folder for later starts.")
  private @Nullable String enrol;

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Name of the device, unique within the service.")
  private @Nullable String name;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads of the runtime with which every network is measured; default: 1. Another number"
              + " makes another device: give it a name of its own.")
  private @Nullable Integer threads;

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description = "Where to record what is measured, for the back end 'replay'.")
  private @Nullable Path record;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "Folder for models and results; default: lathe-home/agent-NAME.")
  private @Nullable Path home;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "File of 'name = value' lines: server, ca, name, threads, key-file, enrol, backend, home, record,"
              + " and option.NAME; what is said on the command line goes before.")
  private @Nullable Path config;

  @Option(
      names = "--check",
      description = "Looks whether device and service can be used, says what is wrong, and ends.")
  private boolean check;

  @Mixin private BackendChoice choice = new BackendChoice();

  @Spec private @Nullable CommandSpec spec;

  private final OwnKey ownKey;

  /** The key for a service that is this user's own. */
  @FunctionalInterface
  public interface OwnKey {
    /** The key; empty if the service is none that this machine has a key for. */
    Optional<String> of(URI server) throws IOException;
  }

  /** An agent that is told its key. */
  public AgentCommand() {
    this(server -> Optional.empty());
  }

  /** An agent that may find its key by itself. */
  public AgentCommand(OwnKey ownKey) {
    this.ownKey = ownKey;
  }

  @Override
  public Integer call()
      throws IOException, MeasurementFailed, RefusedException, InterruptedException {
    PrintWriter out = spec().commandLine().getOut();
    if (choice.listed(out)) {
      return 0;
    }
    complete(config == null ? AgentConfig.empty() : AgentConfig.read(config));
    String device = Optional.ofNullable(name).orElse("");
    Path folder = home == null ? Path.of("lathe-home", "agent-" + device) : home;
    DeviceKey kept = new DeviceKey(folder);
    if (check) {
      Optional<String> found = keyFile == null ? kept.read() : Optional.empty();
      found = found.isPresent() ? found : key();
      return new AgentCheck(choice, folder, Optional.ofNullable(server), trust(), found, out).run()
          ? 0
          : 1;
    }
    if (server == null) {
      throw wrong("an agent needs its service's address. Maybe pass --server http://HOST:8080.");
    }
    if (device.isBlank()) {
      throw wrong("an agent needs a name for its device. Maybe pass --name my-laptop.");
    }
    URI address = server;
    ServerTrust trust = trust();
    if (enrol != null) {
      kept.enrol(address, trust, device, token(enrol));
    }
    Optional<String> ofDevice = keyFile == null ? kept.read() : Optional.empty();
    String secret =
        (ofDevice.isPresent() ? ofDevice : key())
            .orElseThrow(
                () ->
                    wrong(
                        "an agent needs a key. Maybe pass --key-file FILE, or set LATHE_KEY_FILE; a new machine gets one by the token of ./lathe device enrol %s: --enrol FILE"
                            .formatted(device)));
    AgentSettings settings;
    try {
      settings =
          AgentSettings.usual(
              address, trust, secret, device, threads == null ? 1 : threads, folder);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
    hide(folder);
    try (MeasurementBackend opened = recorded(choice.open(folder, Map.of()))) {
      Agent agent = new Agent(settings, opened, AgentCommand::print);
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> end(agent)));
      agent.run();
    }
    return 0;
  }

  private void complete(AgentConfig from) {
    try {
      server = server == null ? from.text("server").map(URI::create).orElse(null) : server;
    } catch (IllegalArgumentException e) {
      throw wrong("the configuration's server is no address: " + e.getMessage());
    }
    ca = ca == null ? from.text("ca").map(Path::of).orElse(null) : ca;
    name = name == null ? from.text("name").orElse(null) : name;
    try {
      threads = threads == null ? from.text("threads").map(Integer::valueOf).orElse(null) : threads;
    } catch (NumberFormatException e) {
      throw wrong("the configuration's threads are no whole number: " + e.getMessage());
    }
    keyFile = keyFile == null ? from.text("key-file").map(Path::of).orElse(null) : keyFile;
    enrol = enrol == null ? from.text("enrol").orElse(null) : enrol;
    home = home == null ? from.text("home").map(Path::of).orElse(null) : home;
    record = record == null ? from.text("record").map(Path::of).orElse(null) : record;
    boolean said = spec().commandLine().getParseResult().hasMatchedOption("--backend");
    choice.complete(said ? null : from.text("backend").orElse(null), from.options());
  }

  private static String token(String from) throws IOException {
    if (from.equals("-")) {
      return new String(System.in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
    try {
      return Files.readString(Path.of(from)).strip();
    } catch (IOException e) {
      throw new IOException(
          "the file '%s' with the enrolment token cannot be read (%s). Maybe make one: ./lathe device enrol NAME --out %s"
              .formatted(from, e.getClass().getSimpleName(), from),
          e);
    }
  }

  /** Processes that measure see neither what this agent keeps nor its key. */
  private void hide(Path folder) {
    String key = keyFile == null ? System.getenv("LATHE_KEY_FILE") : keyFile.toString();
    System.setProperty(
        Hidden.SETTING,
        Stream.of(folder.toString(), key == null ? "" : key)
            .filter(place -> !place.isBlank())
            .map(place -> Path.of(place).toAbsolutePath().toString())
            .collect(Collectors.joining(File.pathSeparator)));
  }

  private ServerTrust trust() throws IOException {
    String file = System.getenv("LATHE_CA");
    if (ca == null && (file == null || file.isBlank())) {
      return ServerTrust.usual();
    }
    return ServerTrust.of(ca == null ? Path.of(file.strip()) : ca);
  }

  private Optional<String> key() throws IOException {
    Map<String, String> environment = System.getenv();
    if (keyFile != null) {
      return read(keyFile);
    }
    if (environment.containsKey("LATHE_KEY")) {
      return Optional.of(environment.get("LATHE_KEY").strip()).filter(text -> !text.isEmpty());
    }
    if (environment.containsKey("LATHE_KEY_FILE")) {
      return read(Path.of(environment.get("LATHE_KEY_FILE")));
    }
    return server == null ? Optional.empty() : ownKey.of(server);
  }

  private static Optional<String> read(Path file) throws IOException {
    try {
      return Optional.of(Files.readString(file).strip()).filter(text -> !text.isEmpty());
    } catch (IOException e) {
      throw new IOException(
          "key file '%s' cannot be read (%s). Maybe make it: ./lathe key create NAME --out %s"
              .formatted(file, e.getClass().getSimpleName(), file),
          e);
    }
  }

  private MeasurementBackend recorded(MeasurementBackend live) throws IOException {
    if (record == null) {
      return live;
    }
    try {
      return new RecordingBackend(live, Recordings.open(record));
    } catch (IOException e) {
      live.close();
      throw e;
    }
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

  private CommandSpec spec() {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the command's description");
    }
    return spec;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec().commandLine(), message);
  }
}
