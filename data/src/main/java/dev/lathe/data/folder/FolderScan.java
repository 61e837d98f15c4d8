package dev.lathe.data.folder;

import dev.lathe.data.DataException;
import dev.lathe.data.Findings;
import dev.lathe.data.Split;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Lists an image folder: one folder a class, below folders named like splits or directly, or the
 * other way round.
 */
public final class FolderScan {
  private static final int WRAPPERS = 4;
  private static final Set<String> DETECTION =
      Set.of("images", "labels", "annotations", "masks", "jpegimages");

  private final Findings findings = new Findings();
  private final FileWalk walk = new FileWalk(findings);
  private final boolean skipUnreadable;

  private FolderScan(boolean skipUnreadable) {
    this.skipUnreadable = skipUnreadable;
  }

  /**
   * Lists a folder.
   *
   * @param skipUnreadable whether class folders without pictures are passed over
   * @throws DataException saying what is wrong with its layout
   */
  public static Listing of(Path directory, boolean skipUnreadable) {
    return new FolderScan(skipUnreadable).list(directory);
  }

  private Listing list(Path directory) {
    Path root = unwrapped(directory);
    walk.countPassedOver(root);
    FileWalk.Entries entries = walk.entries(root);
    Map<Split, Path> splits = splits(root, entries.folders());
    Map<Split, Map<String, List<Path>>> files = new EnumMap<>(Split.class);
    if (!splits.isEmpty()) {
      splits.forEach((split, folder) -> files.put(split, filesByClass(folder)));
      noteBesides(entries, splits);
    } else if (!classesFirst(entries.folders(), files)) {
      files.put(Split.WHOLE, filesByClass(root));
    }
    return listing(directory, files);
  }

  /** Steps into folders that hold nothing but another folder, as archives do. */
  private Path unwrapped(Path directory) {
    Path root = directory;
    for (int i = 0; i < WRAPPERS; i++) {
      FileWalk.Entries entries = walk.entries(root);
      if (entries.folders().size() != 1 || !entries.pictures().isEmpty()) {
        break;
      }
      Path only = entries.folders().getFirst();
      if (walk.entries(only).folders().isEmpty()
          || SplitNames.read(FileWalk.nameOf(only)).isPresent()) {
        break;
      }
      root = only;
    }
    return root;
  }

  /** The folders that are splits: named so, with class folders in them. */
  private Map<Split, Path> splits(Path root, List<Path> folders) {
    Map<Path, SplitNames.Named> named = new TreeMap<>();
    for (Path folder : folders) {
      Optional<SplitNames.Named> name = SplitNames.read(FileWalk.nameOf(folder));
      if (name.isPresent() && !walk.entries(folder).folders().isEmpty()) {
        named.put(folder, name.get());
      }
    }
    // 'asl_train' and 'asl_test' are splits, a class 'train station' beside 'airport' is none.
    Map<List<String>, Long> alike =
        named.values().stream()
            .collect(Collectors.groupingBy(SplitNames.Named::rest, Collectors.counting()));
    named.values().removeIf(name -> !name.plain() && alike.get(name.rest()) < 2);
    Map<Split, Path> splits = new EnumMap<>(Split.class);
    named.forEach(
        (folder, name) -> {
          Path other = splits.put(name.split(), folder);
          if (other != null) {
            throw new DataException(
                root,
                "both '%s' and '%s' are named like %s images. Maybe move one of them away."
                    .formatted(other.getFileName(), folder.getFileName(), words(name.split())));
          }
        });
    if (!splits.isEmpty() && !splits.containsKey(Split.TRAIN)) {
      throw new DataException(
          root,
          "there is a folder '%s' but none named 'train'. Maybe rename the one with the training images."
              .formatted(splits.values().iterator().next().getFileName()));
    }
    splits.replaceAll((_, folder) -> nested(folder));
    return splits;
  }

  /** Kaggle's archives hold 'seg_train/seg_train/CLASS'. */
  private Path nested(Path split) {
    FileWalk.Entries entries = walk.entries(split);
    boolean wraps =
        entries.folders().size() == 1
            && entries.pictures().isEmpty()
            && !walk.entries(entries.folders().getFirst()).folders().isEmpty();
    return wraps ? entries.folders().getFirst() : split;
  }

  private static String words(Split split) {
    return switch (split) {
      case WHOLE -> "all";
      case TRAIN -> "training";
      case VALIDATION -> "validation";
      case TEST -> "test";
    };
  }

  private void noteBesides(FileWalk.Entries entries, Map<Split, Path> splits) {
    for (Path folder : entries.folders()) {
      if (splits.values().stream().noneMatch(split -> split.startsWith(folder))) {
        int pictures = walk.pictures(folder).size();
        if (pictures > 0) {
          findings.warn(
              "the %d pictures in '%s' are not used: it lies beside the splits and has no class folders in a split's name."
                  .formatted(pictures, FileWalk.nameOf(folder)));
        }
      }
    }
    if (!entries.pictures().isEmpty()) {
      findings.warn(
          "%d pictures lie beside the splits and are not used."
              .formatted(entries.pictures().size()));
    }
  }

  /** 'cat/train', 'cat/test', 'dog/train' …: classes above, splits below. */
  private boolean classesFirst(List<Path> folders, Map<Split, Map<String, List<Path>>> files) {
    if (folders.isEmpty()) {
      return false;
    }
    for (Path folder : folders) {
      FileWalk.Entries below = walk.entries(folder);
      boolean splits =
          !below.folders().isEmpty()
              && below.pictures().isEmpty()
              && below.folders().stream()
                  .allMatch(
                      inner ->
                          SplitNames.read(FileWalk.nameOf(inner))
                              .filter(SplitNames.Named::plain)
                              .isPresent());
      if (!splits) {
        return false;
      }
    }
    for (Path folder : folders) {
      for (Path inner : walk.entries(folder).folders()) {
        Split split = SplitNames.read(FileWalk.nameOf(inner)).orElseThrow().split();
        files
            .computeIfAbsent(split, _ -> new TreeMap<>())
            .computeIfAbsent(className(folder), _ -> new ArrayList<>())
            .addAll(walk.pictures(inner));
      }
    }
    return true;
  }

  private static String className(Path folder) {
    return Normalizer.normalize(FileWalk.nameOf(folder), Normalizer.Form.NFC);
  }

  /** Files of each class, both sorted by name. */
  private Map<String, List<Path>> filesByClass(Path root) {
    Map<String, List<Path>> result = new TreeMap<>();
    FileWalk.Entries entries = walk.entries(root);
    for (Path folder : entries.folders()) {
      List<Path> images = walk.pictures(folder);
      if (images.isEmpty()) {
        empty(folder);
        continue;
      }
      result.computeIfAbsent(className(folder), _ -> new ArrayList<>()).addAll(images);
      noteNested(folder);
    }
    if (result.isEmpty()) {
      throw new DataException(
          root,
          entries.pictures().isEmpty()
              ? "there is no class folder with images in it. Maybe the path is wrong."
              : "the images lie directly in this folder. Maybe sort them into one folder a class, or name a table of labels with csv:FILE.");
    }
    return result;
  }

  private void empty(Path folder) {
    boolean noted =
        findings.unreadable().stream().anyMatch(file -> file.file().startsWith(folder.toString()));
    if (!skipUnreadable && !noted) {
      throw new DataException(
          folder,
          "no JPEG, PNG, WebP, GIF, BMP or TIFF image is in this class's folder. Maybe convert its files, or remove it, or pass it over with --skip-bad.");
    }
    findings.warn("'%s' has no picture that can be read and is no class.".formatted(folder));
  }

  private void noteNested(Path folder) {
    FileWalk.Entries entries = walk.entries(folder);
    if (entries.pictures().isEmpty() && entries.folders().size() > 1) {
      findings.warn(
          "class '%s' has all its pictures in %d folders below it (%s …), which count as one class. Maybe the folder is one level too high."
              .formatted(
                  FileWalk.nameOf(folder),
                  entries.folders().size(),
                  FileWalk.nameOf(entries.folders().getFirst())));
    }
  }

  private Listing listing(Path directory, Map<Split, Map<String, List<Path>>> files) {
    if (files.keySet().equals(Set.of(Split.TRAIN))) {
      files.put(Split.WHOLE, files.remove(Split.TRAIN));
    }
    Map<String, List<Path>> first =
        files.containsKey(Split.TRAIN) ? files.get(Split.TRAIN) : files.get(Split.WHOLE);
    if (first == null) {
      throw new DataException(directory, "no class has a folder named 'train'.");
    }
    List<String> classes = List.copyOf(first.keySet());
    noteNames(classes);
    List<Listing.Item> items = new ArrayList<>();
    files.forEach(
        (split, byClass) ->
            byClass.forEach(
                (name, members) -> {
                  int label = label(directory, classes, name, split);
                  members.forEach(file -> items.add(new Listing.Item(file, label, split)));
                }));
    return new Listing(
        "folder:" + directory.toAbsolutePath().normalize().getFileName(), classes, items, findings);
  }

  private int label(Path directory, List<String> classes, String name, Split split) {
    int label = classes.indexOf(name);
    if (label >= 0) {
      return label;
    }
    List<String> alike = classes.stream().filter(known -> known.equalsIgnoreCase(name)).toList();
    if (alike.size() == 1) {
      findings.warn(
          "'%s' among the %s images is taken for class '%s'."
              .formatted(name, words(split), alike.getFirst()));
      return classes.indexOf(alike.getFirst());
    }
    throw new DataException(
        directory, "class '%s' has %s images but none in 'train'.".formatted(name, words(split)));
  }

  private void noteNames(List<String> classes) {
    Map<String, List<String>> alike =
        classes.stream()
            .collect(
                Collectors.groupingBy(
                    name -> name.toLowerCase(Locale.ROOT).replaceAll("[\\s_-]+", "")));
    alike.values().stream()
        .filter(names -> names.size() > 1)
        .forEach(names -> findings.warn("classes %s differ in spelling only.".formatted(names)));
    for (String name : classes) {
      if (SplitNames.read(name).filter(SplitNames.Named::plain).isPresent()) {
        findings.warn("class '%s' is named like a split.".formatted(name));
      }
    }
    if (classes.stream().allMatch(name -> DETECTION.contains(name.toLowerCase(Locale.ROOT)))) {
      findings.warn(
          "classes %s look like a data set for detection or segmentation, not for classification."
              .formatted(classes));
    }
  }
}
