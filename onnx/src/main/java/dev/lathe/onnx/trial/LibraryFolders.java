package dev.lathe.onnx.trial;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folders into which ONNX Runtime's Java binding unpacks its libraries, one a process. It
 * deletes them when the process ends in order, and leaves them behind when that is killed.
 */
final class LibraryFolders {
  private static final String PREFIX = "onnxruntime-java";
  private static final Path PROCESSES = Path.of("/proc");

  private LibraryFolders() {}

  /** Deletes those of this account that are older than a moment and that no process has loaded. */
  static void sweep(Path place, Instant before) {
    try {
      UserPrincipal own = Files.getOwner(PROCESSES.resolve("self"));
      List<Path> old = new ArrayList<>();
      try (DirectoryStream<Path> folders = Files.newDirectoryStream(place, PREFIX + "*")) {
        for (Path folder : folders) {
          if (Files.isDirectory(folder)
              && Files.getOwner(folder).equals(own)
              && Files.getLastModifiedTime(folder).toInstant().isBefore(before)) {
            old.add(folder);
          }
        }
      }
      if (!old.isEmpty()) {
        String loaded = loaded(own);
        old.stream()
            .filter(folder -> !loaded.contains("/" + folder.getFileName() + "/"))
            .forEach(ProcessFolder::delete);
      }
    } catch (IOException e) {
      // No Linux: what is left harms nobody.
      return;
    }
  }

  /** What the processes of an account have loaded of such folders, line by line. */
  private static String loaded(UserPrincipal own) throws IOException {
    StringBuilder loaded = new StringBuilder();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path process : processes) {
        try {
          if (Files.getOwner(process).equals(own)) {
            try (Stream<String> maps =
                Files.lines(process.resolve("maps"), StandardCharsets.ISO_8859_1)) {
              maps.filter(line -> line.contains("/" + PREFIX))
                  .forEach(line -> loaded.append(line).append('\n'));
            }
          }
        } catch (IOException | UncheckedIOException e) {
          continue; // it has ended, or does not let itself be looked into
        }
      }
    }
    return loaded.toString();
  }
}
