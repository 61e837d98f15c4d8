package dev.lathe.data.archive;

import dev.lathe.data.Progress;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Enumeration;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Unpacks an archive of data: zip, tar, or tar within gzip, told by its first bytes. What would
 * leave the folder, is no plain file, or exceeds the limits is refused, and the archive with it;
 * what is counted is what was unpacked, not what the archive says of itself.
 */
public final class ArchiveIntake {
  private static final int BUFFER = 1 << 16;
  private static final int MAX_DEPTH = 20;
  private static final int TOLD = 100;
  private static final int MAX_NAME = 1000;
  private static final long SMALL = 10L << 20;
  private static final long CHECK_FREE_EVERY = 64L << 20;

  private final IntakeLimits limits;
  private final Path folder;
  private final long packed;
  private final Progress progress;
  private long bytes;
  private long nextCheck;
  private int files;

  private ArchiveIntake(IntakeLimits limits, Path folder, long packed, Progress progress) {
    this.limits = limits;
    this.folder = folder;
    this.packed = packed;
    this.progress = progress;
  }

  /** What was unpacked. */
  public record Unpacked(int files, long bytes) {}

  /**
   * Unpacks an archive.
   *
   * @param folder empty; what is unpacked when the archive is refused is the caller's to delete
   * @param progress told of every hundredth file
   * @throws IntakeRefused saying what is wrong with the archive
   */
  public static Unpacked unpack(Path archive, Path folder, IntakeLimits limits, Progress progress)
      throws IOException {
    ArchiveIntake intake = new ArchiveIntake(limits, folder, Files.size(archive), progress);
    try {
      intake.unpack(archive);
    } catch (ZipException | java.io.EOFException | IllegalArgumentException e) {
      throw new IntakeRefused("the archive is damaged: " + e.getMessage());
    }
    if (intake.files == 0) {
      throw new IntakeRefused("the archive holds no file.");
    }
    return new Unpacked(intake.files, intake.bytes);
  }

  private void unpack(Path archive) throws IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(archive)) {
      head = in.readNBytes(512);
    }
    if (startsWith(head, 'P', 'K')) {
      zip(archive);
    } else if (startsWith(head, 0x1f, 0x8b)) {
      try (InputStream in =
          new GZIPInputStream(new BufferedInputStream(Files.newInputStream(archive)), BUFFER)) {
        tar(in);
      }
    } else if (TarArchiveInputStream.matches(head, head.length)) {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(archive), BUFFER)) {
        tar(in);
      }
    } else {
      throw new IntakeRefused(
          "the archive is neither zip nor tar nor tar within gzip. Maybe pack the folder anew.");
    }
  }

  private static boolean startsWith(byte[] head, int first, int second) {
    return head.length > 1 && (head[0] & 0xff) == first && (head[1] & 0xff) == second;
  }

  private void zip(Path archive) throws IOException {
    try (ZipFile zip = ZipFile.builder().setPath(archive).get()) {
      Enumeration<ZipArchiveEntry> entries = zip.getEntries();
      while (entries.hasMoreElements()) {
        ZipArchiveEntry entry = entries.nextElement();
        if (entry.isUnixSymlink()) {
          throw notPlain(entry.getName());
        }
        if (!zip.canReadEntryData(entry)) {
          throw new IntakeRefused(
              "'%s' is encrypted, or packed by a method that is not known. Maybe pack it anew."
                  .formatted(shown(entry.getName())));
        }
        if (entry.isDirectory()) {
          directory(entry.getName());
        } else {
          try (InputStream in = zip.getInputStream(entry)) {
            file(entry.getName(), in);
          }
        }
      }
    }
  }

  private void tar(InputStream in) throws IOException {
    try (TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isDirectory()) {
          directory(entry.getName());
        } else if (isPlain(entry)) {
          file(entry.getName(), tar);
        } else if (!entry.isGlobalPaxHeader() && !entry.isPaxHeader()) {
          throw notPlain(entry.getName());
        }
      }
    }
  }

  private static boolean isPlain(TarArchiveEntry entry) {
    return entry.isFile()
        && !entry.isLink()
        && !entry.isSymbolicLink()
        && !entry.isCharacterDevice()
        && !entry.isBlockDevice()
        && !entry.isFIFO();
  }

  private static IntakeRefused notPlain(String name) {
    return new IntakeRefused(
        "'%s' is a link or a device; only plain files and folders are taken. Maybe pack what it points to."
            .formatted(shown(name)));
  }

  private void directory(String name) throws IOException {
    countOne();
    Files.createDirectories(place(name));
  }

  private void file(String name, InputStream in) throws IOException {
    countOne();
    Path file = place(name);
    if (file.equals(folder)) {
      throw outside(name);
    }
    try {
      Files.createDirectories(file.getParent());
      try (var out =
          Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        byte[] buffer = new byte[BUFFER];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          countBytes(read);
          out.write(buffer, 0, read);
        }
      }
    } catch (FileAlreadyExistsException e) {
      throw new IntakeRefused(
          "'%s' is in the archive twice, or is a file and a folder.".formatted(shown(name)));
    }
  }

  private void countOne() {
    files++;
    if (files % TOLD == 0) {
      progress.at(
          Math.min(1, (double) bytes / Math.max(1, packed)),
          "unpacking (%d files)".formatted(files));
    }
    if (files > limits.files()) {
      throw IntakeRefused.tooLarge(
          "the archive holds more than %d files and folders, the most that is taken."
              .formatted(limits.files()));
    }
  }

  private void countBytes(int read) throws IOException {
    bytes += read;
    if (bytes > limits.bytes()) {
      throw IntakeRefused.tooLarge(
          "the archive holds more than %d bytes, the most that is unpacked."
              .formatted(limits.bytes()));
    }
    if (bytes > SMALL && bytes / limits.ratio() > packed) {
      throw IntakeRefused.tooLarge(
          "the archive grows to more than %d times its size when it is unpacked, as pictures do not."
              .formatted(limits.ratio()));
    }
    if (bytes >= nextCheck) {
      nextCheck = bytes + CHECK_FREE_EVERY;
      if (Files.getFileStore(folder).getUsableSpace() < limits.free()) {
        throw IntakeRefused.tooLarge("the disk has no room for what is unpacked.");
      }
    }
  }

  /** Where an entry goes: within the folder, by a name that means the same everywhere. */
  private Path place(String name) {
    if (name.length() > MAX_NAME
        || name.startsWith("/")
        || name.indexOf('\\') >= 0
        || name.chars().anyMatch(c -> c < ' ' || c == 0x7f)
        || name.matches("(?s)[A-Za-z]:.*")) {
      throw outside(name);
    }
    Path place = folder.resolve(name);
    for (Path part : folder.relativize(place)) {
      if (part.toString().equals("..")) {
        throw outside(name);
      }
    }
    place = place.normalize();
    if (!place.startsWith(folder) || place.getNameCount() - folder.getNameCount() > MAX_DEPTH) {
      throw outside(name);
    }
    return place;
  }

  private static IntakeRefused outside(String name) {
    return new IntakeRefused(
        "'%s' is no name of a file within the archive's own folder.".formatted(shown(name)));
  }

  private static String shown(String name) {
    String clean = name.replaceAll("\\p{Cntrl}", "?");
    return clean.length() > 100 ? clean.substring(0, 100) + "…" : clean;
  }
}
