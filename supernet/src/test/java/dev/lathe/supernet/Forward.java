package dev.lathe.supernet;

import dev.lathe.graph.Subnet;
import dev.lathe.supernet.program.Norms;
import dev.lathe.supernet.tensor.Torch;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Runs networks on fixed images of the tests' size, for the packages beside. */
public final class Forward {
  private Forward() {}

  /** The logits of n images, batch norms from the batch. */
  public static float[] logits(WeightStore store, Subnet subnet, int images) {
    try (PointerScope _ = new PointerScope()) {
      float[] pixels = new float[images * Fixtures.SHAPE.values()];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) Math.sin(i * (1 + i / 64));
      }
      Tensor input = Inputs.of(pixels, images, Fixtures.SHAPE);
      try (Network network = Network.of(subnet)) {
        return Torch.toFloats(network.run(List.of(input), store, new Norms.OfBatch()).getFirst());
      } finally {
        input.close();
      }
    }
  }
}
