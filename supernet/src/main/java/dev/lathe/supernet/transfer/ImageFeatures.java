package dev.lathe.supernet.transfer;

import dev.lathe.data.Batches;
import dev.lathe.data.ImageShape;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import java.util.Arrays;

/**
 * Features of images, and of their mirror images where these keep their class.
 *
 * @param rows [n][f]
 * @param labels [n]
 * @param groups [n], the image that each row comes from
 */
public record ImageFeatures(float[][] rows, int[] labels, int[] groups) {
  private static final int BATCH = 16;

  /**
   * Runs a feature graph in ONNX Runtime.
   *
   * @param images at the size that the graph takes
   * @param mirrored whether mirror images are taken as well
   */
  public static ImageFeatures of(
      OnnxGraph graph, LabelledImages images, Normalization normalization, boolean mirrored) {
    ImageShape shape = images.shape();
    int copies = mirrored ? 2 : 1;
    float[][] rows = new float[copies * images.size()][];
    int[] labels = new int[rows.length];
    int[] groups = new int[rows.length];
    try (OrtModel model = OrtModel.open(graph, OrtModel.Options.DEPLOYED)) {
      for (int from = 0; from < images.size(); from += BATCH) {
        int to = Math.min(images.size(), from + BATCH);
        float[] batch = Batches.of(images, from, to, normalization);
        for (int copy = 0; copy < copies; copy++) {
          if (copy == 1) {
            mirror(batch, shape.width());
          }
          float[] out =
              model.run(batch, to - from, shape.channels(), shape.height(), shape.width());
          int f = out.length / (to - from);
          for (int i = from; i < to; i++) {
            int row = copy * images.size() + i;
            rows[row] = Arrays.copyOfRange(out, (i - from) * f, (i - from + 1) * f);
            labels[row] = images.label(i);
            groups[row] = i;
          }
        }
      }
    }
    return new ImageFeatures(rows, labels, groups);
  }

  private static void mirror(float[] values, int width) {
    for (int row = 0; row < values.length; row += width) {
      for (int left = 0; left < width / 2; left++) {
        int right = width - 1 - left;
        float swapped = values[row + left];
        values[row + left] = values[row + right];
        values[row + right] = swapped;
      }
    }
  }
}
