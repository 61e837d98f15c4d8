package dev.lathe.supernet;

import dev.lathe.data.Augmentation;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.supernet.tensor.Torch;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Labelled images, augmented.
 *
 * @param normalization of their pixels
 */
public record ImageExamples(
    LabelledImages images, Normalization normalization, Augmentation augmentation)
    implements Examples {
  @Override
  public int size() {
    return images.size();
  }

  @Override
  public Batch batch(int[] indices, RandomGenerator random) {
    float[] pixels = new float[Math.toIntExact((long) indices.length * images.shape().values())];
    augmentation.batch(images, indices, normalization, random, pixels);
    long[] classes = new long[indices.length];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = images.label(indices[i]);
    }
    Tensor input = Inputs.of(pixels, indices.length, images.shape());
    PointerScope.getInnerScope().attach(input);
    return new Batch(List.of(input), Optional.of(Torch.scopedLongs(classes)));
  }
}
