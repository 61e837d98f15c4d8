package dev.lathe.cli.compress;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.Latencies;
import dev.lathe.compress.policy.CompressionPolicies;
import dev.lathe.data.Batches;
import dev.lathe.data.DataOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.DataSets;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.data.Progress;
import dev.lathe.evolution.Evaluation;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.TensorValue;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.onnx.ImageAccuracy;
import dev.lathe.supernet.onnx.ImageInput;
import java.util.List;
import java.util.Map;

/**
 * Judges policies on images: accuracy on validation images, bytes of the file, and the median
 * latency in this process at one thread. The latency is measured in turns with the original and
 * scaled to its first measurement, so that a disturbance does not count.
 */
final class PolicyJudge {
  private static final int ROUNDS = 64;
  private static final double STEP = 0.02;

  private final byte[] original;
  private final CompressionPolicies policies;
  private final DataSet data;
  private final Normalization normalization;
  private final Map<String, TensorValue> input;
  private final double originalMillis;

  private PolicyJudge(
      OnnxGraph graph, CompressionPolicies policies, DataSet data, Normalization normalization) {
    this.original = graph.toBytes();
    this.policies = policies;
    this.data = data;
    this.normalization = normalization;
    LabelledImages images = data.validation();
    this.input =
        Map.of(
            graph.inputs().getFirst().name(),
            TensorValue.floats(
                "image",
                Batches.of(images, 0, 1, normalization),
                1,
                images.shape().channels(),
                images.shape().height(),
                images.shape().width()));
    this.originalMillis = Latencies.interleaved(List.of(original), input, 8 * ROUNDS).get(0).p50();
  }

  /** A judge with the images of a data set. */
  static PolicyJudge of(OnnxGraph graph, CompressionPolicies policies, String spec, long seed) {
    DataSet data =
        DataSets.load(
            spec, DataOptions.of(seed).withResolution(ImageInput.side(graph)), Progress.none());
    return new PolicyJudge(graph, policies, data, ImageInput.of(graph, data).normalization());
  }

  /** The metrics bytes, millis and accuracy of a policy. */
  Evaluation judge(Architecture policy) {
    try {
      byte[] model = policies.apply(policy).toBytes();
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
              accuracy(model, data.validation())));
    } catch (OnnxException | CompressionException e) {
      return Evaluation.failed(policy, String.valueOf(e.getMessage()));
    }
  }

  /** To steps of 2 %: finer differences are chance, and would fill the front with equals. */
  private static double rounded(double millis) {
    return Math.exp(Math.rint(Math.log(millis) / STEP) * STEP);
  }

  /** A judged policy with its accuracy on test images. */
  PolicyCommand.Member member(String file, Evaluation.Measured judged) {
    byte[] model = policies.apply(judged.architecture()).toBytes();
    return new PolicyCommand.Member(
        file,
        model.length,
        judged.metrics().get("millis"),
        judged.metrics().get("accuracy"),
        accuracy(model, data.test()),
        policies.describe(judged.architecture()));
  }

  private double accuracy(byte[] model, LabelledImages images) {
    return ImageAccuracy.of(model, images, normalization, data.classes().size())
        .orElseThrow(
            () ->
                new CompressionException(
                    "the model does not give one logit for each of the %d classes of '%s'. Maybe it is another data set's."
                        .formatted(data.classes().size(), data.name())));
  }
}
