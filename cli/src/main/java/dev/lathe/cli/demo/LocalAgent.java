package dev.lathe.cli.demo;

import dev.lathe.cli.client.LocalHome;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The agent of this machine, a child process of a service's owner. */
public final class LocalAgent implements AutoCloseable {
  /** Name of the device. */
  static final String DEVICE = "this-machine";

  private final ChildJvm process;

  private LocalAgent(ChildJvm process) {
    this.process = process;
  }

  /**
   * Starts it.
   *
   * @param home of the service, where its keys and logs are
   * @param address of the service
   */
  public static LocalAgent start(Path home, URI address) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-Xmx128m",
                "-Dlathe.home=" + home,
                "-cp",
                System.getProperty("java.class.path"),
                "dev.lathe.cli.Lathe",
                "agent",
                "--server",
                address.toString(),
                "--key-file",
                home.resolve("keys").resolve("agent.key").toString(),
                "--name",
                DEVICE,
                "--home",
                home.resolve("agent").toString()));
    new LocalHome(home)
        .certificate(address)
        .ifPresent(file -> arguments.addAll(List.of("--ca", file.toString())));
    return new LocalAgent(ChildJvm.start("agent", log(home), arguments));
  }

  /** Where it tells what it does. */
  static Path log(Path home) {
    return home.resolve("logs/agent.log");
  }

  /** Fails if it has ended. */
  void requireAlive() throws IOException {
    process.requireAlive();
  }

  @Override
  public void close() {
    process.close();
  }
}
