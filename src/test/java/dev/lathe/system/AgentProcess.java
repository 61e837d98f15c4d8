package dev.lathe.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An agent as a process of its own, from the command line's class path. */
final class AgentProcess implements AutoCloseable {
  private static final long LIMIT_SECONDS = 120;

  private final Process process;

  private AgentProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts an agent named {@code here} for a service.
   *
   * @param backend {@code cpu}, which measures, or {@code replay}
   * @param recordings what the replaying back end reads and the other one writes
   */
  static AgentProcess start(ServiceProcess service, String backend, Path recordings)
      throws Exception {
    Path launcher = Path.of(System.getProperty("lathe.root"), "bench", "target");
    String classPath =
        launcher.resolve("classes") + ":" + Files.readString(launcher.resolve("classpath")).strip();
    String key = service.home.resolve("keys/agent.key").toString();
    List<String> command = new ArrayList<>();
    command.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "dev.lathe.cli.Lathe",
            "agent",
            "--server",
            "http://127.0.0.1:" + service.port,
            "--key-file",
            key,
            "--name",
            "here",
            "--backend",
            backend,
            "--home",
            service.home.resolve("agent").toString()));
    command.addAll(
        backend.equals("replay")
            ? List.of("-o", "recordings=" + recordings)
            : List.of("--record", recordings.toString()));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(service.home.resolve("agent.log").toFile());
    // ONNX Runtime ends a JVM whose command line is long.
    builder.environment().put("CLASSPATH", classPath);
    AgentProcess agent = new AgentProcess(builder.start());
    agent.await(service);
    return agent;
  }

  /** Waits until the service knows the device: a search on one that it does not is refused. */
  private void await(ServiceProcess service) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (System.nanoTime() < end) {
      for (JsonNode device : service.get("/api/v1/devices")) {
        if (device.path("name").asText().equals("here")) {
          return;
        }
      }
      if (!process.isAlive()) {
        break;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("the agent did not come: " + service.home.resolve("agent.log"));
  }

  /** Ends the agent as the kernel would: no farewell. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
