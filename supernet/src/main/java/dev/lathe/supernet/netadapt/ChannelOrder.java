package dev.lathe.supernet.netadapt;

import dev.lathe.graph.Subnet;
import dev.lathe.space.ChannelGroup;
import dev.lathe.space.ChannelGroup.Axis;
import dev.lathe.supernet.Safetensors;
import dev.lathe.supernet.WeightStore;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Puts the channels of a network whose filters have the largest L2 norms in front, so that a
 * smaller network, which keeps the leading ones, drops those with the smallest. What the network
 * computes does not change.
 */
final class ChannelOrder {
  private final Map<String, Safetensors.Values> tensors;
  private final Map<String, List<Integer>> used = new HashMap<>();

  private ChannelOrder(WeightStore store, Subnet subnet) {
    this.tensors = new LinkedHashMap<>(store.tensors());
    subnet.slices().forEach(slice -> used.put(slice.tensor(), slice.shape()));
  }

  /**
   * Reorders a store.
   *
   * @param subnet the network, whose slices of the store are leading channels
   */
  static void sort(WeightStore store, Subnet subnet, List<ChannelGroup> groups) {
    ChannelOrder order = new ChannelOrder(store, subnet);
    groups.forEach(order::sort);
    store.load(order.tensors);
  }

  private void sort(ChannelGroup group) {
    List<Axis> filters =
        group.filters().stream().filter(axis -> used.containsKey(axis.tensor())).toList();
    if (filters.isEmpty()) {
      return;
    }
    int channels = extent(filters.getFirst());
    double[] squares = new double[channels];
    for (Axis axis : filters) {
      add(axis, squares);
    }
    int[] order =
        IntStream.range(0, channels)
            .boxed()
            .sorted((i, j) -> Double.compare(squares[j], squares[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    for (Axis axis : group.axes()) {
      if (used.containsKey(axis.tensor())) {
        permute(axis, order);
      }
    }
  }

  private int extent(Axis axis) {
    return used.get(axis.tensor()).get(axis.dimension());
  }

  /** Adds for each channel the squares of the weights that the network uses of it. */
  private void add(Axis axis, double[] squares) {
    Safetensors.Values tensor = tensors.get(axis.tensor());
    List<Integer> extents = used.get(axis.tensor());
    for (int i = 0; i < tensor.values().length; i++) {
      int rest = i;
      int channel = 0;
      boolean inside = true;
      for (int d = tensor.shape().size() - 1; d >= 0; d--) {
        int at = rest % tensor.shape().get(d);
        rest /= tensor.shape().get(d);
        inside &= d > 1 || at < extents.get(d);
        channel = d == axis.dimension() ? at : channel;
      }
      if (inside) {
        squares[channel] += (double) tensor.values()[i] * tensor.values()[i];
      }
    }
  }

  /** Moves entry order[i] to i along an axis; what lies behind the network's part stays. */
  private void permute(Axis axis, int[] order) {
    Safetensors.Values tensor = tensors.get(axis.tensor());
    int extent = tensor.shape().get(axis.dimension());
    int inner =
        tensor.shape().subList(axis.dimension() + 1, tensor.shape().size()).stream()
            .reduce(1, Math::multiplyExact);
    float[] before = tensor.values();
    float[] after = before.clone();
    for (int outer = 0; outer < before.length; outer += extent * inner) {
      for (int i = 0; i < order.length; i++) {
        System.arraycopy(before, outer + order[i] * inner, after, outer + i * inner, inner);
      }
    }
    tensors.put(axis.tensor(), new Safetensors.Values(tensor.shape(), after));
  }
}
