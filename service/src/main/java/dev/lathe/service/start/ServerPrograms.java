package dev.lathe.service.start;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The programs of the embedded PostgreSQL.
 *
 * @param folder below which they were unpacked, one folder a version
 */
record ServerPrograms(Path folder) {
  /** How a program is called; the newest, where older versions were left behind. */
  List<String> command(String program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    if ("root".equals(System.getProperty("user.name"))) {
      // PostgreSQL does not run as root: as the library does, in a user namespace.
      command.addAll(List.of("unshare", "-U"));
    }
    command.add(file(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private Path file(String program) throws IOException {
    try (Stream<Path> versions = Files.list(folder)) {
      return versions
          .map(version -> version.resolve("bin").resolve(program))
          .filter(Files::isExecutable)
          .max(Comparator.comparing(file -> file.toFile().lastModified()))
          .orElseThrow(
              () -> new IOException("no program '%s' below %s".formatted(program, folder)));
    }
  }
}
