package dev.lathe.runs.stages;

import java.util.EnumMap;
import java.util.Map;

/**
 * Where a run stands when one of its stages has done a fraction of its work: the stages that it
 * has, one after the other, each with a share as measured in runs of a few minutes.
 */
final class Course {
  /** Share of reading the data, with which every run begins. */
  private static final double DATA = 0.03;

  private final Map<Stage, Double> shares;

  private Course(Map<Stage, Double> shares) {
    this.shares = shares;
  }

  /** That of a run. */
  static Course of(Run run) {
    return of(
        run.model().isPresent(),
        run.request().method().map(method -> method.name()).orElse(""),
        Baselines.hasAny(run));
  }

  /**
   * A course.
   *
   * @param cuts whether a trained model is searched
   * @param baselines whether fixed networks are trained
   */
  static Course of(boolean cuts, String method, boolean baselines) {
    Map<Stage, Double> shares = new EnumMap<>(Stage.class);
    shares.put(Stage.DATA, DATA);
    shares.put(Stage.CALIBRATION, 0.06);
    if (cuts) {
      shares.put(Stage.SEARCH, 0.35);
      shares.put(Stage.FINE_TUNING, 0.45);
    } else {
      switch (method) {
        case Methods.SINGLE_PATH -> shares.put(Stage.TRAINING, 0.45);
        case Methods.NETADAPT -> {
          shares.put(Stage.TRAINING, 0.25);
          shares.put(Stage.SEARCH, 0.2);
        }
        default -> {
          shares.put(Stage.TRAINING, 0.37);
          shares.put(Stage.SEARCH, 0.08);
        }
      }
      shares.put(Stage.FINE_TUNING, 0.15);
      if (baselines) {
        shares.put(Stage.BASELINES, 0.26);
      }
    }
    shares.put(Stage.MEASURING, 0.05);
    return new Course(shares);
  }

  /** Where any run stands while it reads its data. */
  static double reading(double fraction) {
    return DATA * clamped(fraction);
  }

  /** Where a run that calibrates alone stands. */
  static double calibrating(double fraction) {
    return DATA + (1 - DATA) * clamped(fraction);
  }

  /** Where the run stands when a stage has done a fraction of its work. */
  double at(Stage stage, double fraction) {
    double before = 0;
    double others = 0;
    for (Map.Entry<Stage, Double> share : shares.entrySet()) {
      if (share.getKey() != Stage.DATA) {
        others += share.getValue();
        before += share.getKey().compareTo(stage) < 0 ? share.getValue() : 0;
      }
    }
    return stage == Stage.DATA
        ? reading(fraction)
        : DATA
            + (1 - DATA) * (before + shares.getOrDefault(stage, 0.0) * clamped(fraction)) / others;
  }

  private static double clamped(double fraction) {
    return Math.clamp(fraction, 0, 1);
  }
}
