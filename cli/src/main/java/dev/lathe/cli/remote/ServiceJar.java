package dev.lathe.cli.remote;

import dev.lathe.cli.client.LocalHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The service's program, as a command for a process of its own. */
final class ServiceJar {
  private ServiceJar() {}

  /**
   * The command.
   *
   * @param options of the virtual machine
   * @param arguments of the service's program
   * @throws IOException if it was not built
   */
  static List<String> command(LocalHome home, List<String> options, String... arguments)
      throws IOException {
    Path jar =
        Path.of(
            System.getProperty("lathe.root", "."), "service/target/quarkus-app/quarkus-run.jar");
    if (!Files.exists(jar)) {
      throw new IOException("'%s' is missing. Maybe build with ./mvnw package.".formatted(jar));
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add("-Dlathe.home=" + home.folder());
    command.add("-jar");
    command.add(jar.toString());
    command.addAll(List.of(arguments));
    return command;
  }
}
