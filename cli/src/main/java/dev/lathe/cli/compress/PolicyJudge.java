package dev.lathe.cli.compress;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.ForeignModel;
import dev.lathe.compress.Latencies;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.compress.claim.Budget;
import dev.lathe.compress.claim.DropEvidence;
import dev.lathe.compress.claim.ScorePair;
import dev.lathe.compress.claim.Scoring;
import dev.lathe.compress.policy.CompressionPolicies;
import dev.lathe.evolution.Evaluation;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import dev.lathe.space.Architecture;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Judges policies: by somebody's own program, by accuracy where labels are known, else by agreement
 * with the original; by bytes of the file; and by the median latency in this process at one thread.
 * The latency is measured in turns with the original and scaled to its first measurement, so that a
 * disturbance does not count.
 */
final class PolicyJudge {
  private static final int ROUNDS = 64;

  /** Values of which means are made where there are as many as anybody wants. */
  private static final int MOST_VALUES = 10_000;

  private static final int MOST_AGREEMENTS = 256;
  private static final double STEP = 0.02;

  private final ForeignModel foreign;
  private final byte[] original;
  private final CompressionPolicies policies;
  private final Scoring validation;
  private final Scoring test;
  private final double[] reference;
  private final Map<String, TensorValue> input;
  private final double originalMillis;

  /** A judge; choices are made on other items than the last judgement. */
  PolicyJudge(
      ForeignModel foreign,
      CompressionPolicies policies,
      CalibrationSource source,
      Optional<String> command) {
    this.foreign = foreign;
    OnnxGraph graph = foreign.graph();
    this.original = graph.toBytes();
    this.policies = policies;
    int run = Math.max(1, source.heldOut().itemsARun(graph));
    ScorePair scores = ScorePair.of(graph, source, command);
    this.validation = scores.choice();
    this.test = scores.test();
    this.reference = validation.values(graph, 0, values(validation));
    this.input = source.heldOut().feed(graph, 0, run);
    this.originalMillis = Latencies.interleaved(List.of(original), input, 8 * ROUNDS).get(0).p50();
  }

  /** A policy's model as it is written. */
  OnnxGraph file(Architecture policy) {
    return foreign.finished(policies.apply(policy));
  }

  /** What is maximized: accuracy or agreement. */
  String score() {
    return validation.name();
  }

  /** The metrics bytes, millis and accuracy of a policy. */
  Evaluation judge(Architecture policy) {
    try {
      OnnxGraph made = file(policy);
      byte[] model = made.toBytes();
      List<Latencies.Distribution> both =
          Latencies.interleaved(List.of(original, model), input, ROUNDS);
      return Evaluation.of(
          policy,
          Map.of(
              "bytes",
              (double) model.length,
              "millis",
              rounded(originalMillis * both.get(1).p50() / both.get(0).p50()),
              "accuracy",
              validation.mean(made, values(validation))));
    } catch (OnnxException | CompressionException e) {
      return Evaluation.failed(policy, String.valueOf(e.getMessage()));
    }
  }

  private static int values(Scoring scoring) {
    return Math.min(
        scoring.count(), scoring instanceof Scoring.Accuracy ? MOST_VALUES : MOST_AGREEMENTS);
  }

  /** What the original has of what is maximized. */
  double originalScore() {
    return Arrays.stream(reference).average().orElse(Double.NaN);
  }

  /** Refuses a limit that the items cannot show. */
  void require(Budget budget) {
    budget.requireItems(test.count());
  }

  /** Whether the items that policies are chosen by leave hope that a limit is kept. */
  boolean seemsKept(Budget budget, Architecture policy) {
    return budget.seemsKept(reference, validation.values(file(policy), 0, values(validation)));
  }

  /** Tests a limit on items that the search did not see. */
  void test(DropEvidence test, Architecture policy) {
    DropEvidence unused = Budget.test(foreign.graph(), file(policy), this.test, test);
  }

  /** To steps of 2 %: finer differences are chance, and would fill the front with equals. */
  private static double rounded(double millis) {
    return Math.exp(Math.rint(Math.log(millis) / STEP) * STEP);
  }

  /** A judged policy with its score on items that the search did not see. */
  PolicyCommand.Member member(String file, Evaluation.Measured judged) {
    OnnxGraph model = file(judged.architecture());
    return new PolicyCommand.Member(
        file,
        model.toBytes().length,
        judged.metrics().get("millis"),
        judged.metrics().get("accuracy"),
        test.mean(model, values(test)),
        policies.describe(judged.architecture()));
  }
}
