package dev.lathe.supernet;

import dev.lathe.graph.Extraction;
import dev.lathe.graph.Initializer;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import dev.lathe.graph.WeightRef;
import dev.lathe.supernet.tensor.Torch;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * Full-size weights of all architectures of a space, or of one network: all that is trained. All
 * tensors are views of one flat vector, and so are their gradients, so that an optimizer step is a
 * handful of operations on vectors. Statistics of batch norms are not among them. Holds native
 * memory: close it.
 */
public final class WeightStore implements AutoCloseable {
  private final Map<String, TensorSpec> specs;
  private final Map<String, Long> offsets = new LinkedHashMap<>();
  private final Map<String, Tensor> leaves = new LinkedHashMap<>();
  private final Tensor values;
  private final Tensor gradients;
  private final boolean ownsValues;

  private WeightStore(Map<String, TensorSpec> specs, Tensor values, boolean ownsValues) {
    this.specs = Collections.unmodifiableMap(new LinkedHashMap<>(specs));
    this.values = values;
    this.ownsValues = ownsValues;
    try (PointerScope _ = new PointerScope()) {
      this.gradients = Torch.zeros(values.numel());
      long offset = 0;
      for (Map.Entry<String, TensorSpec> entry : specs.entrySet()) {
        long count = entry.getValue().count();
        long[] shape = Torch.shape(entry.getValue().shape());
        Tensor leaf = values.narrow(0, offset, count).view(shape).detach();
        leaf.set_requires_grad(true);
        leaf.mutable_grad().put(gradients.narrow(0, offset, count).view(shape));
        leaves.put(entry.getKey(), leaf.retainReference());
        offsets.put(entry.getKey(), offset);
        offset += count;
      }
    }
  }

  /** Fresh weights, drawn tensor by tensor in the order of the map. */
  public static WeightStore initialised(Map<String, TensorSpec> specs, RandomGenerator random) {
    float[] values = new float[size(specs)];
    int offset = 0;
    for (TensorSpec spec : specs.values()) {
      float[] drawn = spec.initializer().draw(spec.shape(), random);
      System.arraycopy(drawn, 0, values, offset, drawn.length);
      offset += drawn.length;
    }
    return new WeightStore(specs, Torch.floats(values, values.length), true);
  }

  private static int size(Map<String, TensorSpec> specs) {
    return Math.toIntExact(specs.values().stream().mapToLong(TensorSpec::count).sum());
  }

  /**
   * Weights with the given values; for tensors of a file, see {@link Safetensors}. Those of two and
   * more dimensions decay and are matrices.
   */
  public static WeightStore of(Map<String, Safetensors.Values> tensors) {
    Map<String, TensorSpec> specs = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          boolean matrix = tensor.shape().size() > 1;
          specs.put(name, new TensorSpec(tensor.shape(), Initializer.zeros(), matrix, matrix));
        });
    float[] values = new float[size(specs)];
    int offset = 0;
    for (Safetensors.Values tensor : tensors.values()) {
      System.arraycopy(tensor.values(), 0, values, offset, tensor.values().length);
      offset += tensor.values().length;
    }
    return new WeightStore(specs, Torch.floats(values, values.length), true);
  }

  /** A second view of the same values with gradients of its own, for a worker beside this one. */
  public WeightStore replica() {
    return new WeightStore(specs, values, false);
  }

  /** A store of its own with the same values. */
  public WeightStore copy() {
    try (PointerScope _ = new PointerScope()) {
      return new WeightStore(specs, values.clone().retainReference(), true);
    }
  }

  /**
   * The weights of one network in a store of their own, as large as the network needs them: it is
   * trained in half the time that it takes inside the store of a supernet.
   *
   * @param subnet on this store
   * @param own the same network cut out
   */
  public WeightStore cut(Subnet subnet, Extraction own) {
    Map<String, float[]> parts = new LinkedHashMap<>();
    subnet.slices().forEach(slice -> parts.put(slice.tensor(), values(slice)));
    float[] values = new float[size(own.tensors())];
    int offset = 0;
    for (String name : own.tensors().keySet()) {
      float[] part = parts.get(name);
      System.arraycopy(part, 0, values, offset, part.length);
      offset += part.length;
    }
    return new WeightStore(own.tensors(), Torch.floats(values, values.length), true);
  }

  /** Copies out every tensor. */
  public Map<String, Safetensors.Values> tensors() {
    Map<String, Safetensors.Values> tensors = new LinkedHashMap<>();
    leaves.forEach(
        (name, leaf) ->
            tensors.put(
                name, new Safetensors.Values(specs.get(name).shape(), Torch.toFloats(leaf))));
    return tensors;
  }

  /**
   * Overwrites the values of all tensors that this store has.
   *
   * @throws IllegalArgumentException naming a tensor that is missing or has another shape
   */
  public void load(Map<String, Safetensors.Values> tensors) {
    specs.forEach(
        (name, spec) -> {
          List<Integer> shape = spec.shape();
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

  /** What is known of every tensor, in the order in which they lie in the flat vector. */
  public Map<String, TensorSpec> specs() {
    return specs;
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
