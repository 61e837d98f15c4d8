package dev.lathe.data.folder;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Names of what systems and programs leave among pictures. */
final class PassedOver {
  private static final Set<String> FOLDERS =
      Set.of(
          "__macosx",
          "@eadir",
          "#recycle",
          "@recycle",
          "$recycle.bin",
          "system volume information",
          "lost+found",
          "__pycache__",
          "thumbnails",
          "thumbs",
          "_thumbnails");
  private static final Set<String> FILES = Set.of("thumbs.db", "desktop.ini", "ehthumbs.db");

  private PassedOver() {}

  /** Why a folder is no data; empty if it may be. */
  static Optional<String> folder(String name) {
    if (FOLDERS.contains(name.toLowerCase(Locale.ROOT)) || name.startsWith(".")) {
      return Optional.of("in '%s' folders".formatted(name));
    }
    return Optional.empty();
  }

  /** Why a file is no data; empty if it may be. */
  static Optional<String> file(String name) {
    if (FILES.contains(name.toLowerCase(Locale.ROOT)) || name.startsWith(".")) {
      return Optional.of("hidden and system files");
    }
    return Optional.empty();
  }
}
