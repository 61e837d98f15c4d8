package dev.lathe.service.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Folders in which searches keep what only they read: checkpoints and the like. */
public final class WorkFolders {
  private static final Logger LOG = Logger.getLogger(WorkFolders.class);

  private final Path root;

  /** Folders within the given one. */
  public WorkFolders(Path root) {
    this.root = root.toAbsolutePath();
  }

  /** The folder of a search; made if it is not there. */
  public Path of(long searchId) throws IOException {
    return Files.createDirectories(path(searchId));
  }

  /** Deletes the folder of a search; what cannot be deleted is left, with a warning. */
  public void delete(long searchId) {
    Path folder = path(searchId);
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      LOG.warnf("work folder %s could not be deleted: %s", folder, e.getMessage());
    }
  }

  /** Deletes the folders of all searches but these. */
  public void keepOnly(Set<Long> searchIds) {
    if (!Files.isDirectory(root)) {
      return;
    }
    try (Stream<Path> folders = Files.list(root)) {
      folders
          .map(folder -> folder.getFileName().toString())
          .filter(name -> name.matches("search-[0-9]{1,18}"))
          .map(name -> Long.valueOf(name.substring("search-".length())))
          .filter(id -> !searchIds.contains(id))
          .toList()
          .forEach(this::delete);
    } catch (IOException e) {
      LOG.warnf("work folders could not be looked through: %s", e.getMessage());
    }
  }

  private Path path(long searchId) {
    return root.resolve("search-" + searchId);
  }
}
