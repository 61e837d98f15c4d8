package dev.lathe.graph;

import dev.lathe.graph.WeightRef.Slice;
import dev.lathe.graph.WeightRef.Window;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A network cut out of its supernet: the same graph on tensors of its own that are as large as it
 * needs them, so that it can be trained as if there had never been a supernet.
 *
 * @param subnet the network; every slice is a whole tensor
 * @param tensors name and description of these tensors
 */
public record Extraction(Subnet subnet, Map<String, TensorSpec> tensors) {
  public Extraction {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /**
   * Cuts a subnet out.
   *
   * @param stored the tensors that it refers to
   * @throws IllegalArgumentException naming a tensor of which it uses parts of different size
   */
  public static Extraction of(Subnet subnet, Map<String, TensorSpec> stored) {
    Map<String, List<Integer>> extents = new LinkedHashMap<>();
    Subnet own = subnet.withWeights(weight -> weight.mapSlices(part -> own((Slice) part, extents)));
    Map<String, TensorSpec> tensors = new LinkedHashMap<>();
    extents.forEach(
        (name, extent) -> {
          TensorSpec spec = stored.get(name);
          tensors.put(
              name, new TensorSpec(extent, spec.initializer(), spec.decays(), spec.matrix()));
        });
    return new Extraction(own, tensors);
  }

  private static WeightRef own(Slice slice, Map<String, List<Integer>> tensors) {
    List<Integer> before = tensors.putIfAbsent(slice.tensor(), slice.shape());
    if (before != null && !before.equals(slice.shape())) {
      throw new IllegalArgumentException(
          "the network uses %s and %s of weights '%s', so that these cannot be cut out."
              .formatted(before, slice.shape(), slice.tensor()));
    }
    return new Slice(
        slice.tensor(),
        slice.windows().stream().map(window -> new Window(0, window.length())).toList());
  }
}
