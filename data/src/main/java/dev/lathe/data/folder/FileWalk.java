package dev.lathe.data.folder;

import dev.lathe.data.DataException;
import dev.lathe.data.Findings;
import dev.lathe.data.picture.PictureDecoder;
import dev.lathe.data.picture.PictureKind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Finds the pictures below a folder and says what else lies there. */
final class FileWalk {
  private static final int DEPTH = 16;
  private static final Set<PictureKind> DRAWINGS =
      EnumSet.of(PictureKind.SVG, PictureKind.PHOTOSHOP);

  private final Findings findings;

  FileWalk(Findings findings) {
    this.findings = findings;
  }

  /** What lies directly in a folder, hidden things and what systems leave behind aside. */
  record Entries(List<Path> folders, List<Path> pictures) {}

  Entries entries(Path folder) {
    List<Path> folders = new ArrayList<>();
    List<Path> pictures = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : (Iterable<Path>) entries.sorted()::iterator) {
        String name = nameOf(entry);
        if (Files.isDirectory(entry)) {
          if (PassedOver.folder(name).isEmpty()) {
            folders.add(entry);
          }
        } else if (PassedOver.file(name).isEmpty() && PictureKind.named(name).isPresent()) {
          pictures.add(entry);
        }
      }
    } catch (IOException e) {
      throw new DataException(folder, reason(e), e);
    }
    return new Entries(folders, pictures);
  }

  /** Counts what systems left directly in a folder. */
  void countPassedOver(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : (Iterable<Path>) entries.sorted()::iterator) {
        if (Files.isDirectory(entry)) {
          PassedOver.folder(nameOf(entry)).ifPresent(why -> count(entry, why));
        } else {
          picture(entry);
        }
      }
    } catch (IOException e) {
      throw new DataException(folder, reason(e), e);
    }
  }

  private void count(Path folder, String why) {
    try (Stream<Path> files = Files.walk(folder, DEPTH)) {
      files.filter(Files::isRegularFile).forEach(_ -> findings.skip(why));
    } catch (IOException | java.io.UncheckedIOException e) {
      findings.skip(why);
    }
  }

  /** Every picture below a folder, sorted. */
  List<Path> pictures(Path folder) {
    List<Path> found = new ArrayList<>();
    try {
      Files.walkFileTree(
          folder,
          EnumSet.of(FileVisitOption.FOLLOW_LINKS),
          DEPTH,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path below, BasicFileAttributes attributes) {
              Optional<String> why =
                  below.equals(folder) ? Optional.empty() : PassedOver.folder(nameOf(below));
              why.ifPresent(reason -> count(below, reason));
              return why.isPresent() ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (attributes.isDirectory()) {
                findings.warn(
                    "'%s' lies more than %d folders deep and is not looked into."
                        .formatted(file, DEPTH));
              } else if (picture(file)) {
                found.add(file);
              }
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              if (e instanceof FileSystemLoopException) {
                findings.skip("links that lead back to a folder above them");
              } else {
                findings.unreadable(file, reason(e));
              }
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new DataException(folder, reason(e), e);
    }
    Collections.sort(found);
    return found;
  }

  /** Whether a file is to be decoded; notes what it is if not. */
  private boolean picture(Path file) {
    String name = nameOf(file);
    Optional<String> why = PassedOver.file(name);
    if (why.isPresent()) {
      findings.skip(why.get());
      return false;
    }
    Optional<PictureKind> kind = PictureKind.named(name).or(() -> unnamed(file, name));
    if (kind.isEmpty()) {
      findings.skip(ending(name));
      return false;
    }
    if (DRAWINGS.contains(kind.get())) {
      findings.skip(kind.get().label() + " files");
      return false;
    }
    if (Files.isSymbolicLink(file) && !Files.exists(file)) {
      findings.unreadable(file, "it is a link to a file that is not there.");
      return false;
    }
    return true;
  }

  /** Pictures without an ending in their name are told by their first bytes. */
  private static Optional<PictureKind> unnamed(Path file, String name) {
    if (name.indexOf('.') >= 0 || !Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return PictureKind.of(PictureDecoder.head(file));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static String ending(String name) {
    int dot = name.lastIndexOf('.');
    return dot < 0
        ? "files without an ending"
        : ".%s files".formatted(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }

  static String reason(IOException e) {
    return e instanceof AccessDeniedException
        ? "permission denied. Maybe make it readable for this user."
        : "it cannot be read: " + e.getMessage();
  }

  /**
   * A file's name.
   *
   * @throws DataException if this process cannot read it letter by letter
   */
  static String nameOf(Path file) {
    Path name = file.getFileName();
    String text = name == null ? "" : name.toString();
    if (text.indexOf('\uFFFD') >= 0) {
      throw new DataException(
          file,
          "the letters of this name cannot be read in the locale of this process (file names are %s), so that classes could be mixed up. Maybe set LC_ALL=C.UTF-8."
              .formatted(System.getProperty("sun.jnu.encoding")));
    }
    return text;
  }
}
