package dev.lathe.data.folder;

import dev.lathe.data.Findings;
import dev.lathe.data.Split;
import java.nio.file.Path;
import java.util.List;

/**
 * The picture files of a data set, before any is decoded.
 *
 * @param name for people
 * @param classes their names, sorted
 * @param items the files, sorted by split, class and path
 * @param findings what was noticed on the way
 */
public record Listing(String name, List<String> classes, List<Item> items, Findings findings) {
  public Listing {
    classes = List.copyOf(classes);
    items = List.copyOf(items);
  }

  /** The same by another name. */
  public Listing named(String other) {
    return new Listing(other, classes, items, findings);
  }

  /**
   * A picture file.
   *
   * @param label index of its class
   */
  public record Item(Path file, int label, Split split) {}
}
