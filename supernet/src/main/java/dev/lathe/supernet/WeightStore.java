package dev.lathe.supernet;

import dev.lathe.graph.WeightRef;
import dev.lathe.supernet.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Full-size weights of all architectures of a space, or of one network. All tensors are views of
 * one flat vector, and so are their gradients, so that an optimizer step is a handful of operations
 * on vectors. Holds native memory: close it.
 */
public final class WeightStore implements AutoCloseable {
  private final Map<String, List<Integer>> shapes;
  private final Map<String, Long> offsets = new LinkedHashMap<>();
  private final Map<String, Tensor> leaves = new LinkedHashMap<>();
  private final Tensor values;
  private final Tensor gradients;
  private final boolean ownsValues;

  private WeightStore(Map<String, List<Integer>> shapes, Tensor values, boolean ownsValues) {
    this.shapes = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(shapes));
    this.values = values;
    this.ownsValues = ownsValues;
    try (PointerScope _ = new PointerScope()) {
      this.gradients = Torch.zeros(values.numel());
      long offset = 0;
      for (Map.Entry<String, List<Integer>> entry : shapes.entrySet()) {
        long count = count(entry.getValue());
        long[] shape = Torch.shape(entry.getValue());
        Tensor leaf = values.narrow(0, offset, count).view(shape).detach();
        leaf.set_requires_grad(true);
        leaf.mutable_grad().put(gradients.narrow(0, offset, count).view(shape));
        leaves.put(entry.getKey(), leaf.retainReference());
        offsets.put(entry.getKey(), offset);
        offset += count;
      }
    }
  }

  private static long count(List<Integer> shape) {
    return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }

  /**
   * Fresh weights: convolutions normal with variance 2 / fan-out (He et al., arXiv 1502.01852),
   * matrices normal with standard deviation 0.01, batch-norm scales one, all else zero.
   *
   * @param shapes extent of every tensor by name; names end in weight, bias, scale or shift
   */
  public static WeightStore initialised(Map<String, List<Integer>> shapes, RandomGenerator random) {
    long total = shapes.values().stream().mapToLong(WeightStore::count).sum();
    float[] values = new float[Math.toIntExact(total)];
    int offset = 0;
    for (Map.Entry<String, List<Integer>> entry : shapes.entrySet()) {
      List<Integer> shape = entry.getValue();
      int count = Math.toIntExact(count(shape));
      if (entry.getKey().endsWith(".scale")) {
        java.util.Arrays.fill(values, offset, offset + count, 1f);
      } else if (shape.size() == 4) {
        boolean depthwise = shape.get(1) == 1 && shape.get(2) > 1;
        double fanOut = (depthwise ? 1.0 : shape.get(0)) * shape.get(2) * shape.get(3);
        gaussian(values, offset, count, Math.sqrt(2 / fanOut), random);
      } else if (shape.size() == 2) {
        gaussian(values, offset, count, 0.01, random);
      }
      offset += count;
    }
    return new WeightStore(shapes, Torch.floats(values, total), true);
  }

  private static void gaussian(
      float[] values, int offset, int count, double deviation, RandomGenerator random) {
    for (int i = offset; i < offset + count; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
  }

  /** Weights with the given values; for tensors of a file, see {@link Safetensors}. */
  public static WeightStore of(Map<String, Safetensors.Values> tensors) {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    int total = 0;
    for (Map.Entry<String, Safetensors.Values> entry : tensors.entrySet()) {
      shapes.put(entry.getKey(), entry.getValue().shape());
      total += entry.getValue().values().length;
    }
    float[] values = new float[total];
    int offset = 0;
    for (Safetensors.Values tensor : tensors.values()) {
      System.arraycopy(tensor.values(), 0, values, offset, tensor.values().length);
      offset += tensor.values().length;
    }
    return new WeightStore(shapes, Torch.floats(values, total), true);
  }

  /** A second view of the same values with gradients of its own, for a worker beside this one. */
  public WeightStore replica() {
    return new WeightStore(shapes, values, false);
  }

  /** A store of its own with the same values. */
  public WeightStore copy() {
    try (PointerScope _ = new PointerScope()) {
      return new WeightStore(shapes, values.clone().retainReference(), true);
    }
  }

  /** Copies out every tensor. */
  public Map<String, Safetensors.Values> tensors() {
    Map<String, Safetensors.Values> tensors = new LinkedHashMap<>();
    leaves.forEach(
        (name, leaf) ->
            tensors.put(name, new Safetensors.Values(shapes.get(name), Torch.toFloats(leaf))));
    return tensors;
  }

  /**
   * Overwrites the values of all tensors that this store has.
   *
   * @throws IllegalArgumentException naming a tensor that is missing or has another shape
   */
  public void load(Map<String, Safetensors.Values> tensors) {
    shapes.forEach(
        (name, shape) -> {
          Safetensors.Values given = tensors.get(name);
          if (given == null || !given.shape().equals(shape)) {
            throw new IllegalArgumentException(
                "weights '%s' should have shape %s, the file has %s. Maybe it belongs to another search space."
                    .formatted(name, shape, given == null ? "none of that name" : given.shape()));
          }
          try (PointerScope _ = new PointerScope()) {
            Tensor source = Torch.floats(given.values(), Torch.shape(shape));
            leaf(name).detach().copy_(source);
            source.close();
          }
        });
  }

  public Map<String, List<Integer>> shapes() {
    return shapes;
  }

  /** The number of weights. */
  public long size() {
    return values.numel();
  }

  /** The trainable view of a tensor. */
  public Tensor leaf(String name) {
    Tensor leaf = leaves.get(name);
    if (leaf == null) {
      throw new IllegalArgumentException("the store has no weights '%s'.".formatted(name));
    }
    return leaf;
  }

  /** The position of a tensor in the flat vector. */
  public long offset(String name) {
    return offsets.get(name);
  }

  /** All values as one vector; the leaves are views of it. */
  public Tensor flatValues() {
    return values;
  }

  /** All gradients as one vector. */
  public Tensor flatGradients() {
    return gradients;
  }

  /** The values that a reference stands for, row-major. */
  public float[] values(WeightRef reference) {
    try (PointerScope _ = new PointerScope()) {
      return Torch.toFloats(new Weights(this).resolve(reference));
    }
  }

  /**
   * By how much a gate's norm, in its unit, surpasses its threshold; the gate is open from 0 on.
   */
  public double margin(WeightRef.Gate.OfNorm gate) {
    double squares = 0;
    for (float value : values(gate.weights())) {
      squares += (double) value * value;
    }
    return Math.sqrt(squares) / gate.unit() - values(gate.threshold())[0];
  }

  @Override
  public void close() {
    leaves.values().forEach(Tensor::close);
    leaves.clear();
    gradients.close();
    if (ownsValues) {
      values.close();
    }
  }
}
