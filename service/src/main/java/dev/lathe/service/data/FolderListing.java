package dev.lathe.service.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;

/** What lies in a folder, told by paths, sizes and times: quick where reading all would not be. */
final class FolderListing {
  private FolderListing() {}

  /** SHA-256 of the listing; that of an empty one where there is no folder. */
  static String sha256(Path folder) {
    List<String> lines = new ArrayList<>();
    try {
      if (Files.isDirectory(folder)) {
        Files.walkFileTree(
            folder,
            EnumSet.of(FileVisitOption.FOLLOW_LINKS),
            Integer.MAX_VALUE,
            new SimpleFileVisitor<>() {
              @Override
              public FileVisitResult visitFile(Path file, BasicFileAttributes facts) {
                lines.add(
                    folder.relativize(file)
                        + "\0"
                        + facts.size()
                        + "\0"
                        + facts.lastModifiedTime().toMillis());
                return FileVisitResult.CONTINUE;
              }

              @Override
              public FileVisitResult visitFileFailed(Path file, IOException e) {
                lines.add(folder.relativize(file) + "\0unreadable");
                return FileVisitResult.CONTINUE;
              }
            });
      }
      Collections.sort(lines);
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      lines.forEach(line -> digest.update((line + "\n").getBytes(StandardCharsets.UTF_8)));
      return HexFormat.of().formatHex(digest.digest());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "a data set's files cannot be listed: " + e.getClass().getSimpleName(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
