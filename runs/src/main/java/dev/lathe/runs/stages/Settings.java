package dev.lathe.runs.stages;

import dev.lathe.data.DataOptions;
import dev.lathe.evolution.Budget;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SettingNames;
import dev.lathe.supernet.Lesson;
import dev.lathe.supernet.TrainingSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The finer settings of a search. What is left open is chosen from the time allowed and from the
 * speed of this machine.
 *
 * @param supernetSteps training steps of the supernet
 * @param fineTuneSteps training steps of each front member
 * @param baselineSteps training steps of each baseline
 * @param batch images a training step; 0 in what is read where it is left open, see {@link
 *     #fitting}
 * @param calibrationNetworks networks measured for each latency predictor; 0 in what is read where
 *     it is left open
 * @param targetError of a calibration on its own: it stops when the mean error on held-out networks
 *     is so small, as a share
 * @param reusePredictors whether a search takes over predictors that its device and space have and
 *     that still hold
 * @param searchSeconds the search ends with the generation in which it has had so much time; 0 for
 *     no limit
 * @param limit by how much members may be less accurate than the trained model that is cut, and how
 *     surely
 * @param members networks taken from the search's front; 0 in what is read where it is left open
 * @param baselines width multipliers of the fixed networks to compare with; chosen by the images'
 *     resolution if open
 * @param resolution side to which images are brought, and of the space, in pixels; 0: that of the
 *     space, or chosen by the images and the time
 * @param trainImages use at most so many, 0 for all; {@code validationImages} and {@code
 *     testImages} likewise
 * @param skipUnreadable whether images that cannot be read are left out; otherwise they are refused
 * @param from a trained classifier (ONNX) whose features a linear classifier is fitted to
 * @param balanceClasses whether training sees each class equally often; open: where the classes are
 *     uneven
 * @param lesson which networks a step of the supernet trains: "fair" or "sandwich"
 * @param initialWeights safetensors file with which the supernet starts
 */
record Settings(
    OptionalLong supernetSteps,
    OptionalLong fineTuneSteps,
    OptionalLong baselineSteps,
    int batch,
    int calibrationNetworks,
    double targetError,
    boolean reusePredictors,
    int searchSeconds,
    Optional<dev.lathe.compress.claim.Budget> limit,
    int members,
    Optional<List<Double>> baselines,
    int resolution,
    int trainImages,
    int validationImages,
    int testImages,
    boolean skipUnreadable,
    Optional<Path> from,
    Optional<Boolean> balanceClasses,
    Lesson lesson,
    Optional<Path> initialWeights) {
  /** Runs below this have no time for what only long ones need. */
  static final double SHORT_RUN_SECONDS = 15 * 60;

  private static final double CONFIDENCE = 0.95;

  /** So long a run is at least for each of its members. */
  private static final double SECONDS_PER_MEMBER = 30;

  /** So many times that, where each is trained once a fold. */
  private static final double FOLDED = 2;

  private static final int LEAST_MEMBERS = 2;
  private static final int MOST_MEMBERS = 5;

  /**
   * Reads settings.
   *
   * @throws InvalidSearch naming the setting that is unknown or out of range
   */
  static Settings of(Map<String, Object> settings) {
    settings
        .keySet()
        .forEach(
            name -> {
              if (!SettingNames.ALL.contains(name)) {
                throw new InvalidSearch(
                    "settings." + name,
                    "there is no setting '%s'. Maybe one of %s.".formatted(name, SettingNames.ALL));
              }
            });
    Reader in = new Reader(settings);
    return new Settings(
        in.steps("supernetSteps"),
        in.steps("fineTuneSteps"),
        in.steps("baselineSteps"),
        in.integer("batch", 4, 4096, 0),
        in.integer("calibrationNetworks", 20, 1000, 0),
        in.share("targetError", 0.03),
        in.truth("reusePredictors"),
        in.integer("searchSeconds", 0, Integer.MAX_VALUE, 0),
        in.limit(),
        in.integer("members", 1, 100, 0),
        in.widths("baselines"),
        in.resolution(),
        in.integer("trainImages", 0, Integer.MAX_VALUE, 0),
        in.integer("validationImages", 0, Integer.MAX_VALUE, 0),
        in.integer("testImages", 0, Integer.MAX_VALUE, 0),
        in.truth("skipUnreadable"),
        in.file("from"),
        in.choice("balanceClasses"),
        in.lesson("lesson"),
        in.file("initialWeights"));
  }

  /**
   * The resolution alone, where other settings need not be good.
   *
   * @throws InvalidSearch if it is out of range
   */
  static int resolution(Map<String, Object> settings) {
    return new Reader(settings).resolution();
  }

  /**
   * These settings with what is left open chosen: the batch by the number of training images, the
   * numbers of networks for calibration and of members by the time allowed.
   *
   * @param folds whether each network is trained once a fold
   * @param usualSearchSeconds after which the search ends where nothing is asked for; 0 for no
   *     limit
   */
  Settings fitting(int images, boolean folds, double budgetSeconds, int usualSearchSeconds) {
    int usualNetworks = budgetSeconds < SHORT_RUN_SECONDS ? 40 : 60;
    return new Settings(
        supernetSteps,
        fineTuneSteps,
        baselineSteps,
        batch > 0 ? batch : TrainingSettings.usualBatch(images),
        calibrationNetworks > 0 ? calibrationNetworks : usualNetworks,
        targetError,
        reusePredictors,
        searchSeconds > 0 ? searchSeconds : usualSearchSeconds,
        limit,
        members > 0 ? members : usualMembers(folds ? budgetSeconds / FOLDED : budgetSeconds),
        baselines,
        resolution,
        trainImages,
        validationImages,
        testImages,
        skipUnreadable,
        from,
        balanceClasses,
        lesson,
        initialWeights);
  }

  /** Five; fewer in runs of less than two and a half minutes: each would have a few steps. */
  static int usualMembers(double budgetSeconds) {
    return (int)
        Math.clamp(Math.floor(budgetSeconds / SECONDS_PER_MEMBER), LEAST_MEMBERS, MOST_MEMBERS);
  }

  /** The lesson as settings and reports name it. */
  static String nameOf(Lesson lesson) {
    return lesson.name().toLowerCase(Locale.ROOT);
  }

  /** When the search has had enough, beside the number of evaluations. */
  Optional<Budget> budget(SearchRequest.Budget asked) {
    List<Budget> budgets = new ArrayList<>();
    if (asked.stagnation() > 0) {
      budgets.add(new Budget.Stagnation(asked.stagnation(), 1e-3));
    }
    if (searchSeconds > 0) {
      budgets.add(new Budget.Time(Duration.ofSeconds(searchSeconds)));
    }
    return budgets.isEmpty() ? Optional.empty() : Optional.of(new Budget.FirstOf(budgets));
  }

  private record Reader(Map<String, Object> settings) {
    int resolution() {
      int side = integer("resolution", 0, DataOptions.LARGEST_RESOLUTION, 0);
      if (side != 0 && side < DataOptions.LEAST_RESOLUTION) {
        throw new InvalidSearch(
            "settings.resolution",
            "must be 0 (by the images and the time) or from %d to %d pixels, not %d."
                .formatted(DataOptions.LEAST_RESOLUTION, DataOptions.LARGEST_RESOLUTION, side));
      }
      return side;
    }

    int integer(String name, int least, int most, int otherwise) {
      Object value = settings.get(name);
      return value == null ? otherwise : (int) whole(name, value, least, most);
    }

    OptionalLong steps(String name) {
      Object value = settings.get(name);
      return value == null
          ? OptionalLong.empty()
          : OptionalLong.of(whole(name, value, 1, 1_000_000_000));
    }

    Optional<dev.lathe.compress.claim.Budget> limit() {
      if (settings.get("maxDrop") == null) {
        if (settings.get("confidence") != null) {
          throw new InvalidSearch(
              "settings.confidence",
              "confidence is of maxDrop, which is missing. Maybe maxDrop: 0.01.");
        }
        return Optional.empty();
      }
      try {
        return Optional.of(
            new dev.lathe.compress.claim.Budget(
                share("maxDrop", 0), share("confidence", CONFIDENCE)));
      } catch (IllegalArgumentException e) {
        throw new InvalidSearch(
            "settings.confidence",
            "confidence is %s; it must be above 0.5 and below 1."
                .formatted(settings.get("confidence")));
      }
    }

    double share(String name, double otherwise) {
      Object value = settings.get(name);
      if (value == null) {
        return otherwise;
      }
      if (!(value instanceof Number number
          && number.doubleValue() > 0
          && number.doubleValue() < 1)) {
        throw new InvalidSearch(
            "settings." + name,
            "%s is %s; it must be a share above 0 and below 1, as 0.03.".formatted(name, value));
      }
      return number.doubleValue();
    }

    Optional<Boolean> choice(String name) {
      return settings.get(name) == null ? Optional.empty() : Optional.of(truth(name));
    }

    boolean truth(String name) {
      Object value = settings.get(name);
      if (value != null && !(value instanceof Boolean)) {
        throw new InvalidSearch(
            "settings." + name, "%s is %s; it must be true or false.".formatted(name, value));
      }
      return Boolean.TRUE.equals(value);
    }

    Lesson lesson(String name) {
      Object value = settings.get(name);
      List<String> names = Arrays.stream(Lesson.values()).map(Settings::nameOf).toList();
      int chosen = value == null ? Lesson.FAIR.ordinal() : names.indexOf(value);
      if (chosen < 0) {
        throw new InvalidSearch(
            "settings." + name, "%s is %s; it must be one of %s.".formatted(name, value, names));
      }
      return Lesson.values()[chosen];
    }

    private static long whole(String name, Object value, long least, long most) {
      boolean whole = value instanceof Integer || value instanceof Long;
      long number = whole ? ((Number) value).longValue() : 0;
      if (!whole || number < least || number > most) {
        throw new InvalidSearch(
            "settings." + name,
            "%s is %s; it must be a whole number from %d to %d."
                .formatted(name, value, least, most));
      }
      return number;
    }

    Optional<Path> file(String name) {
      Object value = settings.get(name);
      if (value == null) {
        return Optional.empty();
      }
      if (!(value instanceof String text) || !Files.isReadable(Path.of(text))) {
        throw new InvalidSearch(
            "settings." + name, "%s is %s; there is no such file.".formatted(name, value));
      }
      return Optional.of(Path.of(text));
    }

    Optional<List<Double>> widths(String name) {
      Object value = settings.get(name);
      if (value == null) {
        return Optional.empty();
      }
      if (!(value instanceof List<?> list)
          || !list.stream()
              .allMatch(
                  w -> w instanceof Number n && n.doubleValue() >= 0.1 && n.doubleValue() <= 4)) {
        throw new InvalidSearch(
            "settings." + name,
            "%s is %s; it must be a list of width multipliers from 0.1 to 4."
                .formatted(name, value));
      }
      return Optional.of(list.stream().map(w -> ((Number) w).doubleValue()).toList());
    }
  }
}
