package dev.lathe.runs.stages;

import dev.lathe.data.Accuracy;
import dev.lathe.data.ClassBalance;
import dev.lathe.data.Interval;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.stages.Measuring.MeasuredNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What is honest to say at the end: how sure the figures are, which fixed network or linear
 * classifier beats the front, and what would help.
 */
final class Closing {
  /** Two-sided: which of two is better was not known beforehand. */
  private static final double NORMAL_95 = 1.96;

  private static final double WIDE = 0.05;

  private final Run run;

  private Closing(Run run) {
    this.run = run;
  }

  static List<String> of(List<MeasuredNetwork> front, List<MeasuredNetwork> all, Run run) {
    return new Closing(run).lines(front, all);
  }

  private List<String> lines(List<MeasuredNetwork> front, List<MeasuredNetwork> all) {
    List<String> lines = new ArrayList<>();
    if (front.isEmpty()) {
      return lines;
    }
    MeasuredNetwork best =
        front.stream().max(Comparator.comparingDouble(this::shown)).orElseThrow();
    Accuracy accuracy = accuracy(best);
    Interval interval = interval(accuracy);
    lines.add(
        "The best of the front, %s, has %s of %.3f; with 95 %% confidence it lies between %.3f and %.3f (%d %s)."
            .formatted(
                name(best),
                accuracyOf(best),
                shown(best),
                interval.lower(),
                interval.upper(),
                accuracy.images(),
                unseen(best).isPresent()
                    ? "images, each judged by a network that was trained without it"
                    : "test images"));
    run.facts()
        .get(BroughtModel.NOT_CUT, String.class)
        .ifPresent(why -> lines.add("The backbone gave its features alone: " + why));
    rival(best, all).ifPresent(rival -> lines.add(compared(best, rival)));
    if (name(best).startsWith("linear-")) {
      lines.add(
          "The best network is a linear classifier on fixed features: no trained network beat it on these images.");
    }
    if (run.balances()) {
      int[] counts = ClassBalance.counts(run.data().train(), run.data().classes().size());
      lines.add(
          "Training saw each class equally often, though classes have from %d to %d training images; balanceClasses=false takes images as they come."
              .formatted(
                  Arrays.stream(counts).min().orElse(0), Arrays.stream(counts).max().orElse(0)));
    }
    if (front.size() == 1) {
      lines.add(
          "One network alone is on the front: it is at once the most accurate, the fastest and the smallest of those that were tried.");
    }
    timed().ifPresent(lines::add);
    if (interval.half() > WIDE) {
      lines.add("More images would make the figures surer: four times as many halve the interval.");
    }
    if (run.data().train().size() < 2000
        && run.settings().from().isEmpty()
        && run.model().isEmpty()) {
      lines.add(
          "With few images, features of a network that was trained on many others help most: --from BACKBONE.onnx (export one with torchvision or timm, or train one with Lathe on a related task).");
    }
    return lines;
  }

  /** What there was no time for, so that more minutes would buy it. */
  private Optional<String> timed() {
    List<String> parts = new ArrayList<>();
    int networks = run.settings().calibrationNetworks();
    int measured = run.facts().get(SpreadNetworks.AFFORDED, Integer.class).orElse(networks);
    if (measured < networks) {
      parts.add("%d of %d networks to calibrate with".formatted(measured, networks));
    }
    if (run.facts().get(Searching.TIMED_OUT, Boolean.class).orElse(false)) {
      parts.add(
          "%d of %d evaluations"
              .formatted(
                  run.store().candidates().size(),
                  run.request().budget().evaluations().orElseThrow()));
    }
    run.facts()
        .get(TransferPlan.FACT, TransferPlan.class)
        .ifPresent(plan -> parts.addAll(leftOut(plan)));
    return parts.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "The minutes had time for %s: more of them make predictions surer and the choice wider."
                .formatted(String.join(" and ", parts)));
  }

  private List<String> leftOut(TransferPlan plan) {
    List<String> parts = new ArrayList<>();
    if (!plan.whole()) {
      parts.add("no training of the whole backbone");
    }
    if (plan.cuts() < run.settings().members()) {
      parts.add("%d of %d cuts of the backbone".formatted(plan.cuts(), run.settings().members()));
    }
    if (run.folds().isPresent() && !plan.folds()) {
      parts.add("one training of each of them, no folds");
    }
    return parts;
  }

  /** The best of those that are not on the front: fixed networks and linear classifiers. */
  private Optional<MeasuredNetwork> rival(MeasuredNetwork best, List<MeasuredNetwork> all) {
    return all.stream()
        .filter(Closing::compares)
        .filter(network -> !name(network).equals(name(best)))
        .max(Comparator.comparingDouble(this::shown));
  }

  /** Whether a network is there to compare with: fixed ones and linear classifiers. */
  static boolean compares(MeasuredNetwork network) {
    return network.artifact().record().kind() == ArtifactRecord.Kind.BASELINE
        || name(network).startsWith("linear-");
  }

  private String compared(MeasuredNetwork best, MeasuredNetwork rival) {
    double difference = shown(rival) - shown(best);
    double spread = Math.hypot(deviation(best), deviation(rival));
    double z = spread == 0 ? 0 : difference / spread;
    String sure =
        Math.abs(z) < NORMAL_95
            ? "these images do not tell the two apart"
            : "a difference that chance alone makes in less than one of twenty cases";
    return difference > 0
        ? "%s, a comparison, is better by %.3f: %s.".formatted(name(rival), difference, sure)
        : "The best comparison, %s, is worse by %.3f: %s."
            .formatted(name(rival), -difference, sure);
  }

  private double deviation(MeasuredNetwork network) {
    return interval(accuracy(network)).half() / NORMAL_95;
  }

  private double shown(MeasuredNetwork network) {
    return DataFacts.headline(run.data(), accuracy(network));
  }

  private Interval interval(Accuracy accuracy) {
    return DataFacts.uneven(run.data()) ? accuracy.balancedInterval() : accuracy.top1Interval();
  }

  private String accuracyOf(MeasuredNetwork network) {
    String what = DataFacts.uneven(run.data()) ? "balanced accuracy" : "accuracy";
    if (unseen(network).isEmpty()) {
      return "a test " + what;
    }
    return what.startsWith("a") ? "an " + what : "a " + what;
  }

  /** On all images that no weight was fitted to, by cross-validation where images are few. */
  private Accuracy accuracy(MeasuredNetwork network) {
    return unseen(network)
        .or(
            () ->
                run.facts()
                    .get(
                        network.artifact().record().key() + Finishing.TEST_ACCURACY,
                        Accuracy.class))
        .orElseThrow();
  }

  private Optional<Accuracy> unseen(MeasuredNetwork network) {
    return run.facts()
        .get(network.artifact().record().key() + CrossValidation.UNSEEN, Accuracy.class);
  }

  private static String name(MeasuredNetwork network) {
    return network.artifact().record().key();
  }
}
