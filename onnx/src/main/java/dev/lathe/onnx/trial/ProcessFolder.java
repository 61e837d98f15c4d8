package dev.lathe.onnx.trial;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The folder of a process that is not trusted, empty when it starts. Its name has the number of the
 * process that made it: what one that was killed left behind is found by it.
 */
public final class ProcessFolder {
  private static final String PREFIX = "lathe-model-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "(\\d{1,18})-.*");

  /** Process numbers of other machines and containers may mean nothing here: what is new stays. */
  private static final Duration LEFT = Duration.ofHours(1);

  private ProcessFolder() {}

  /** Makes one, after what others left behind is deleted. */
  public static Path make() throws IOException {
    Path place = Path.of(System.getProperty("java.io.tmpdir"));
    sweep(place, Instant.now());
    return Files.createTempDirectory(place, PREFIX + ProcessHandle.current().pid() + "-");
  }

  /**
   * Deletes folders that are an hour old and whose maker is gone, and such into which ONNX Runtime
   * unpacked its libraries for a process that is gone.
   */
  static void sweep(Path place, Instant now) {
    sweepFolders(place, now);
    LibraryFolders.sweep(place, now.minus(LEFT));
  }

  private static void sweepFolders(Path place, Instant now) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(place, PREFIX + "*")) {
      for (Path folder : folders) {
        Matcher name = NAME.matcher(String.valueOf(folder.getFileName()));
        if (name.matches()
            && ProcessHandle.of(Long.parseLong(name.group(1))).isEmpty()
            && Files.getLastModifiedTime(folder).toInstant().isBefore(now.minus(LEFT))) {
          delete(folder);
        }
      }
    } catch (IOException e) {
      // Another process sweeps, too; what is left is left to the next time.
      return;
    }
  }

  /** Deletes a folder with all in it; what cannot be deleted stays, and only that. */
  public static void delete(Path folder) {
    try {
      Files.walkFileTree(folder, new Deleting());
    } catch (IOException e) {
      // Among the system's temporary files, under a name that nobody looks for.
      return;
    }
  }

  private static final class Deleting extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
      return deleted(file);
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException failure) {
      return deleted(file);
    }

    @Override
    public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure) {
      return deleted(folder);
    }

    private static FileVisitResult deleted(Path path) {
      try {
        Files.deleteIfExists(path);
      } catch (IOException e) {
        return FileVisitResult.CONTINUE;
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
