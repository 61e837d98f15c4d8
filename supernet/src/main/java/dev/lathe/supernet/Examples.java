package dev.lathe.supernet;

import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;

/** What a network learns from, by number. */
public interface Examples {
  /** How many there are. */
  int size();

  /**
   * Some examples, changed at random where that is wanted.
   *
   * @param indices which, [n]
   * @param random source of all chance; the same one gives the same batch
   * @return tensors of the caller's pointer scope
   */
  Batch batch(int[] indices, RandomGenerator random);

  /**
   * Examples of a step.
   *
   * @param inputs one tensor an input of the network, [n, …]
   * @param targets see {@link Loss.Evidence}; empty where nothing but a teacher tells
   */
  record Batch(List<Tensor> inputs, Optional<Tensor> targets) {}
}
