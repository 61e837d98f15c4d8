package dev.lathe.runs.stages;

import dev.lathe.onnx.CostReport;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.runs.SupernetRecord;
import dev.lathe.space.mobile.MobileNetV2;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.WeightStore;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Fixed networks trained alone, to compare with: each for the seconds that a member took, its part
 * of the supernet's included, but at most 2.3 times those it had alone; in runs of 15 minutes and
 * more, one of the size of the best member also as long as the supernet. There are few of them: the
 * time is the members'. What equal time in total buys, a benchmark tells.
 */
final class Baselines {
  /** So many times the seconds of a member at most, and where members share no training. */
  private static final double MOST = 2.3;

  /**
   * A machine that turns out slower than its probe makes the search longer, not its result poor.
   */
  private static final double LEAST_SHARE = 0.015;

  private static final double RESERVE_SECONDS = 30;

  /** Of short runs, that are over sooner: they write and measure fewer networks. */
  private static final double RESERVE_MOST = 0.1;

  private static final double RESERVE_LEAST_SECONDS = 14;

  private static final double RESERVE_SHARE = 0.03;

  /** So long a run is at least for each of the usual fixed networks. */
  private static final double SECONDS_PER_BASELINE = 50;

  private final Run run;
  private final Finishing finishing;

  Baselines(Run run, Finishing finishing) {
    this.run = run;
    this.finishing = finishing;
  }

  /** Whether a run has any. */
  static boolean hasAny(Run run) {
    return !widths(run).isEmpty();
  }

  static boolean trainsLongBaseline(Run run) {
    return run.budgetSeconds() >= Settings.SHORT_RUN_SECONDS && hasAny(run);
  }

  /** What is left of the budget for training, now. */
  static double secondsLeft(Run run) {
    return run.budgetSeconds()
        - run.clock().seconds()
        - Math.clamp(RESERVE_MOST * run.budgetSeconds(), RESERVE_LEAST_SECONDS, RESERVE_SECONDS)
        - RESERVE_SHARE * run.budgetSeconds();
  }

  /**
   * The seconds of a member that is to be trained now: what is left of the budget, shared out among
   * those that are untrained, by their weights, and the baselines. A machine that became slower
   * leaves later members less.
   *
   * @param untrained the weights of the members that are not trained yet, the next one's first
   * @param all the weights of all members
   */
  static double fineTuneSeconds(Run run, List<Double> untrained, List<Double> all) {
    double left = secondsLeft(run);
    if (trainsLongBaseline(run)) {
      left -= supernetSeconds(run);
    }
    double baselines = widths(run).size() * Collections.max(all);
    double members = untrained.stream().mapToDouble(Double::doubleValue).sum();
    double shared = supernetSeconds(run);
    double atMost = left / (members + MOST * baselines);
    double withShare = (left - widths(run).size() * shared / all.size()) / (members + baselines);
    double unit = shared == 0 ? atMost : Math.max(atMost, withShare);
    return Math.max(LEAST_SHARE * run.budgetSeconds(), unit * untrained.getFirst());
  }

  /** What a fixed network gets: what the longest member took, its part of the supernet included. */
  private double seconds() {
    double longest = Members.longestSeconds(run.store());
    double shared = supernetSeconds(run) / Math.max(1, Members.count(run.store()));
    return shared == 0 ? MOST * longest : Math.min(MOST * longest, longest + shared);
  }

  private static double supernetSeconds(Run run) {
    return run.store().supernet().map(SupernetRecord::seconds).orElse(0.0);
  }

  private static List<Double> widths(Run run) {
    return run.settings()
        .baselines()
        .orElseGet(
            () -> {
              if (run.model().isPresent() // it is itself what cuts are compared with
                  || run.folds().isPresent() // linear classifiers are; every second goes to folds
                  || Form.USUAL.stream().noneMatch(run.forms().active()::contains)) {
                return List.of();
              }
              List<Double> usual = MobileNetV2.usualMultipliers(run.data().shape().height());
              // Wide ones need more time than they are given.
              int most = (int) Math.clamp(run.budgetSeconds() / SECONDS_PER_BASELINE, 1, 3);
              return usual.subList(0, Math.min(most, usual.size()));
            });
  }

  void run() {
    List<Double> widths = widths(run);
    double seconds = seconds();
    boolean oneMore = trainsLongBaseline(run);
    int all = widths.size() + (oneMore ? 1 : 0);
    for (int i = 0; i < widths.size(); i++) {
      double there = oneMore ? seconds : secondsLeft(run) / (all - i);
      train(
          network(widths.get(i)),
          "",
          Math.min(seconds, Math.max(LEAST_SHARE * run.budgetSeconds(), there)),
          i,
          all);
    }
    if (oneMore) {
      train(rival(widths), "-long", Math.max(seconds, supernetSeconds(run)), all - 1, all);
    }
  }

  private MobileNetV2 network(double width) {
    return new MobileNetV2(
        width,
        run.data().shape().channels(),
        run.data().shape().height(),
        run.data().classes().size());
  }

  /**
   * The network nearest in multiply-adds to the most accurate member: the one that a long training
   * should be compared with. (The best after a short training is the smallest.)
   */
  private MobileNetV2 rival(List<Double> widths) {
    double macs =
        run.store().artifacts().stream()
            .map(StoredArtifact::record)
            .filter(record -> record.kind() == ArtifactRecord.Kind.MEMBER)
            .max(Comparator.comparingDouble(record -> record.validationAccuracy().orElse(0)))
            .orElseThrow()
            .macs()
            .orElseThrow();
    return widths.stream()
        .map(this::network)
        .min(Comparator.comparingDouble(network -> Math.abs(Math.log(macs(network) / macs))))
        .orElseThrow();
  }

  private static double macs(MobileNetV2 network) {
    return CostReport.of(network.subnet().outline(), 1).macs();
  }

  private void train(MobileNetV2 network, String suffix, double seconds, int index, int all) {
    String key = network.name() + suffix;
    List<Form> forms = Form.USUAL.stream().filter(run.forms().active()::contains).toList();
    if (finishing.isDone(key, forms)) {
      return;
    }
    try (WeightStore store = WeightStore.initialised(network.specs(), run.streams().at(key, 0))) {
      Solo.Effort effort =
          new Solo(run)
              .train(
                  key,
                  () -> Curriculum.only(network.subnet()),
                  store,
                  Recipe.of(run, 1, network.subnet()),
                  run.lessons(),
                  run.settings().baselineSteps(),
                  seconds,
                  (fraction, message) ->
                      run.progress(
                          Stage.BASELINES,
                          (index + fraction) / all,
                          "%s alone: %s".formatted(key, message)));
      finishing.write(
          new Finishing.Network(
              key,
              ArtifactRecord.Kind.BASELINE,
              finishing.graph(network.subnet(), store),
              java.util.Map.of(),
              effort),
          forms);
    }
  }
}
