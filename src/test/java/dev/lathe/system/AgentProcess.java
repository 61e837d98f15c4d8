package dev.lathe.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An agent as a process of its own, from the command line's class path. */
final class AgentProcess implements AutoCloseable {
  private final Process process;

  private AgentProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts an agent named {@code here} for a service.
   *
   * @param recordings what the replaying back end reads and every other one writes
   */
  static AgentProcess start(ServiceProcess service, String backend, Path recordings)
      throws IOException {
    Path launcher = Path.of(System.getProperty("lathe.root"), "bench", "target");
    String classPath =
        launcher.resolve("classes") + ":" + Files.readString(launcher.resolve("classpath")).strip();
    String key = service.home.resolve("keys/agent.key").toString();
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            classPath,
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
            "--recordings",
            recordings.toString(),
            "--home",
            service.home.resolve("agent").toString());
    return new AgentProcess(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(service.home.resolve("agent.log").toFile())
            .start());
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
