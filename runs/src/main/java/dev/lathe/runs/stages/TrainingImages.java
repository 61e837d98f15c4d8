package dev.lathe.runs.stages;

import dev.lathe.compress.SingleInput;
import dev.lathe.data.Batches;
import dev.lathe.data.DataSet;
import dev.lathe.data.ImageShape;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.space.RandomStreams;

/** Training images drawn by the seed, for the ranges of quantized activations. */
final class TrainingImages implements SingleInput {
  private final LabelledImages images;
  private final Normalization normalization;

  TrainingImages(DataSet data, RandomStreams streams, int count, int side) {
    LabelledImages train = data.train();
    int[] drawn =
        streams
            .at("quantization", 0)
            .ints(Math.min(count, train.size()), 0, train.size())
            .toArray();
    this.images = train.subset(drawn).resized(side, side);
    this.normalization = data.normalization();
  }

  @Override
  public int images() {
    return images.size();
  }

  @Override
  public float[] batch(int from, int to) {
    return Batches.of(images, from, to, normalization);
  }

  @Override
  public long[] shape(int n) {
    ImageShape shape = images.shape();
    return new long[] {n, shape.channels(), shape.height(), shape.width()};
  }
}
