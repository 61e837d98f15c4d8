package dev.lathe.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What was noticed while a data set was read; filled by one thread. */
public final class Findings {
  private final Map<String, Integer> skipped = new TreeMap<>();
  private final List<Unreadable> unreadable = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private String place = "";
  private String shownAs = "";

  /**
   * A file that belongs to the data but cannot be read.
   *
   * @param file its path
   * @param reason what is wrong with it, and what may help
   */
  public record Unreadable(String file, String reason) {}

  /**
   * Lets people see files by where they came from.
   *
   * @param folder into which they were unpacked
   * @param source what was unpacked
   */
  public void showAs(Path folder, Path source) {
    place = folder.toString();
    shownAs = source.toString();
  }

  /** A text with places as people know them. */
  public String shown(String text) {
    return place.isEmpty() ? text : text.replace(place, shownAs);
  }

  /** Counts a file that is no data, by its kind. */
  public void skip(String kind) {
    skipped.merge(kind, 1, Integer::sum);
  }

  /** Notes a file that belongs to the data but cannot be read. */
  public void unreadable(Path file, String reason) {
    unreadable.add(new Unreadable(file.toString(), reason));
  }

  /** Notes something that is probably not as the user means it. */
  public void warn(String text) {
    if (!warnings.contains(text)) {
      warnings.add(text);
    }
  }

  /** Files passed over, by kind. */
  public Map<String, Integer> skipped() {
    return Collections.unmodifiableMap(skipped);
  }

  /** Files that cannot be read. */
  public List<Unreadable> unreadable() {
    return unreadable.stream()
        .map(one -> new Unreadable(shown(one.file()), shown(one.reason())))
        .toList();
  }

  /** What is probably not as the user means it. */
  public List<String> warnings() {
    return warnings.stream().map(this::shown).toList();
  }
}
