package dev.lathe.data.folder;

import dev.lathe.data.Findings;
import dev.lathe.data.picture.PictureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the pictures that a table names: by their path from the table's folder, or anywhere below
 * it by their name, with or without its ending.
 */
final class PictureLookup {
  private final Path base;
  private final boolean confined;
  private @Nullable Map<String, List<Path>> below;

  /**
   * Looks from a folder.
   *
   * @param confined whether only what lies below the folder may be named
   */
  PictureLookup(Path base, boolean confined) {
    this.base = base;
    this.confined = confined;
  }

  /** A file, or why there is none, as the end of a sentence that names it. */
  record Found(Path file, String problem) {}

  Found find(String name) {
    if (name.matches("(?i)(https?|s3|gs)://.*")) {
      return new Found(base, "is an address, and Lathe fetches nothing. Maybe download it first.");
    }
    try {
      Path direct = base.resolve(name.replace('\\', '/')).normalize();
      if (confined && !inside(direct)) {
        return new Found(direct, "lies outside of the table's folder.");
      }
      if (Files.isRegularFile(direct)) {
        return new Found(direct, "");
      }
      Path leaf = direct.getFileName();
      List<Path> found = leaf == null ? List.of() : named(leaf.toString());
      List<Path> ending = found.stream().filter(file -> file.endsWith(strip(name))).toList();
      List<Path> best = ending.isEmpty() ? found : ending;
      return switch (best.size()) {
        case 0 -> new Found(direct, "is not there.");
        case 1 -> new Found(best.getFirst(), "");
        default ->
            new Found(
                direct,
                "is there %d times, as '%s' and '%s'."
                    .formatted(best.size(), best.get(0), best.get(1)));
      };
    } catch (InvalidPathException e) {
      return new Found(base, "is no name of a file.");
    }
  }

  /** Links count as what they lead to. */
  private boolean inside(Path file) {
    if (!file.startsWith(base)) {
      return false;
    }
    try {
      return !Files.exists(file) || file.toRealPath().startsWith(base.toRealPath());
    } catch (IOException e) {
      return false;
    }
  }

  private static Path strip(String name) {
    return Path.of(name.replace('\\', '/').replaceAll("^(\\.{0,2}/)+", ""));
  }

  private List<Path> named(String leaf) {
    Map<String, List<Path>> known = below;
    if (known == null) {
      known = new HashMap<>();
      for (Path file : new FileWalk(new Findings()).pictures(base)) {
        if (confined && !inside(file)) {
          continue;
        }
        String name = FileWalk.nameOf(file).toLowerCase(Locale.ROOT);
        known.computeIfAbsent(name, _ -> new ArrayList<>()).add(file);
        if (PictureKind.named(name).isPresent()) {
          String stem = name.substring(0, name.lastIndexOf('.'));
          known.computeIfAbsent(stem, _ -> new ArrayList<>()).add(file);
        }
      }
      below = known;
    }
    return known.getOrDefault(leaf.toLowerCase(Locale.ROOT), List.of());
  }
}
