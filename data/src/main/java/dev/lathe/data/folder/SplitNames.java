package dev.lathe.data.folder;

import dev.lathe.data.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The names by which people call the parts of a data set: train, Valid, seg_test, val2017 … */
public final class SplitNames {
  private static final Map<Split, Set<String>> WORDS =
      Map.of(
          Split.TRAIN, Set.of("train", "training", "trn", "trainset", "traindata"),
          Split.VALIDATION,
              Set.of(
                  "val",
                  "valid",
                  "validation",
                  "validate",
                  "dev",
                  "eval",
                  "evaluation",
                  "valset",
                  "devset"),
          Split.TEST, Set.of("test", "tests", "testing", "tst", "testset", "testdata", "holdout"));
  private static final Set<String> NOISE =
      Set.of(
          "set",
          "data",
          "dataset",
          "image",
          "images",
          "img",
          "imgs",
          "picture",
          "pictures",
          "photo",
          "photos",
          "split",
          "folder",
          "seg",
          "the",
          "of",
          "my");

  private SplitNames() {}

  /**
   * A name in which a split is said.
   *
   * @param rest the other words, without those that say nothing
   */
  public record Named(Split split, List<String> rest) {
    /** Whether the name says nothing but the split. */
    public boolean plain() {
      return rest.isEmpty();
    }
  }

  /** The split that a name says; empty if it says none or several. */
  public static Optional<Named> read(String name) {
    List<String> rest = new ArrayList<>();
    Optional<Split> found = Optional.empty();
    for (String word : words(name)) {
      Optional<Split> split =
          WORDS.entrySet().stream()
              .filter(entry -> entry.getValue().contains(word))
              .map(Map.Entry::getKey)
              .findFirst();
      if (split.isPresent() && found.isPresent()) {
        return Optional.empty();
      }
      if (split.isPresent()) {
        found = split;
      } else if (!NOISE.contains(word)) {
        rest.add(word);
      }
    }
    return found.map(split -> new Named(split, List.copyOf(rest)));
  }

  private static List<String> words(String name) {
    String spaced = name.replaceAll("(?<=\\p{Ll})(?=\\p{Lu})|(?<=\\p{L})(?=\\d)", " ");
    return Arrays.stream(spaced.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{M}\\d]+"))
        .filter(word -> !word.isEmpty())
        .toList();
  }
}
