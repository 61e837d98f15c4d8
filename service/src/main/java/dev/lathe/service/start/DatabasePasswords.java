package dev.lathe.service.start;

import dev.lathe.service.access.Secrets;
import dev.lathe.service.store.OwnersFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Passwords of the embedded database, in a file that only its owner reads: that of the superuser,
 * by whom roles are set up, and that of the role as which the service works.
 */
record DatabasePasswords(String superuser, String service) {
  private static final int BYTES = 32;

  /** The passwords in a file, if it has them. */
  static boolean exist(Path file) throws IOException {
    return Files.exists(file) && Files.readAllLines(file).size() == 2;
  }

  /** The passwords in a file, which is made with random ones if it has none. */
  static DatabasePasswords of(Path file) throws IOException {
    if (!exist(file)) {
      OwnersFile.write(file, List.of(Secrets.random(BYTES), Secrets.random(BYTES)));
    }
    List<String> lines = Files.readAllLines(file);
    return new DatabasePasswords(lines.get(0), lines.get(1));
  }

  @Override
  public String toString() {
    return "DatabasePasswords";
  }
}
