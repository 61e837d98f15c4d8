package dev.lathe.space;

import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import java.util.List;
import java.util.Map;

/** A search space whose architectures are networks that share one store of full-size weights. */
public interface NetworkSpace extends SearchSpace {
  /** The network of an architecture; its weights are slices of {@link #specs}. */
  Subnet subnet(Architecture architecture);

  /** Name and description of every shared tensor, in the order in which they are drawn. */
  Map<String, TensorSpec> specs();

  /** The architecture with the most computation. */
  Architecture largest();

  /** The architecture with the least computation. */
  Architecture smallest();

  /** Channels that can change places in the shared tensors; by default none are known. */
  default List<ChannelGroup> channelGroups() {
    return List.of();
  }
}
