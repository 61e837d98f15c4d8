package dev.lathe.runs;

import java.util.Iterator;
import java.util.List;

/** The names of a request's finer settings, sorted. */
public final class SettingNames implements Iterable<String> {
  /** All of them. */
  public static final List<String> ALL =
      List.of(
          "balanceClasses",
          "baselineSteps",
          "baselines",
          "batch",
          "calibrationNetworks",
          "confidence",
          "fineTuneSteps",
          "from",
          "initialWeights",
          "lesson",
          "maxDrop",
          "members",
          "resolution",
          "reusePredictors",
          "searchSeconds",
          "skipUnreadable",
          "supernetSteps",
          "targetError",
          "testImages",
          "trainImages",
          "validationImages");

  @Override
  public Iterator<String> iterator() {
    return ALL.iterator();
  }
}
