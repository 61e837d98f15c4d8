package dev.lathe.supernet;

import dev.lathe.graph.NetworkGraph;
import dev.lathe.supernet.tensor.Torch;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** Runs networks on fixed images of the tests' size, for the packages beside. */
public final class Forward {
  private Forward() {}

  /** The logits of n images, batch norms from the batch. */
  public static float[] logits(WeightStore store, NetworkGraph graph, int images) {
    try (PointerScope _ = new PointerScope()) {
      float[] pixels = new float[images * Fixtures.SHAPE.values()];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) Math.sin(i * (1 + i / 64));
      }
      Tensor input = Inputs.of(pixels, images, Fixtures.SHAPE);
      float[] logits =
          Torch.toFloats(new Interpreter(store, new Interpreter.Norms.OfBatch()).run(graph, input));
      input.close();
      return logits;
    }
  }
}
