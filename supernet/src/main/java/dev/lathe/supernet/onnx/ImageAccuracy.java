package dev.lathe.supernet.onnx;

import dev.lathe.data.Accuracy;
import dev.lathe.data.Batches;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.onnx.OrtModel;
import java.util.Arrays;
import java.util.OptionalDouble;

/** Top-1 accuracy of ONNX files in ONNX Runtime. */
public final class ImageAccuracy {
  private static final int BATCH = 32;

  private ImageAccuracy() {}

  /**
   * The share of images whose class has the largest logit; empty where the model's outputs are not
   * one logit a class.
   */
  public static OptionalDouble of(
      byte[] model, LabelledImages images, Normalization normalization, int classes) {
    double right = 0;
    try (OrtModel session = OrtModel.open(model, OrtModel.Options.DEPLOYED)) {
      for (int from = 0; from < images.size(); from += BATCH) {
        int to = Math.min(images.size(), from + BATCH);
        float[] logits =
            session.run(
                Batches.of(images, from, to, normalization),
                to - from,
                images.shape().channels(),
                images.shape().height(),
                images.shape().width());
        if (logits.length != (to - from) * classes) {
          return OptionalDouble.empty();
        }
        int[] labels = Arrays.copyOfRange(images.labels(), from, to);
        right += Accuracy.of(logits, classes, labels).top1() * labels.length;
      }
    }
    return OptionalDouble.of(right / images.size());
  }
}
