package dev.lathe.farm;

import java.nio.file.Files;
import java.nio.file.Path;

/** Programs that tests need and a machine may not have. */
public final class Programs {
  private Programs() {}

  /** Whether a program is on the path. */
  public static boolean found(String program) {
    for (String folder : System.getenv("PATH").split(":", -1)) {
      if (Files.isExecutable(Path.of(folder, program))) {
        return true;
      }
    }
    return false;
  }
}
