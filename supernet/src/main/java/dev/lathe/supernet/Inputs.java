package dev.lathe.supernet;

import dev.lathe.data.ImageShape;
import dev.lathe.supernet.tensor.Torch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Batches of images as libtorch takes them fastest: channels last in memory. */
public final class Inputs {
  private Inputs() {}

  /**
   * A tensor that outlives the current scope.
   *
   * @param pixels normalised, [n, c, h, w]
   */
  public static Tensor of(float[] pixels, int images, ImageShape shape) {
    try (PointerScope _ = new PointerScope()) {
      Tensor rows = Torch.floats(pixels, images, shape.channels(), shape.height(), shape.width());
      Tensor input = rows.contiguous(torch.MemoryFormat.ChannelsLast).retainReference();
      rows.close();
      return input;
    }
  }
}
