package dev.lathe.space.mobile;

import static java.util.Collections.max;
import static java.util.Collections.min;

import dev.lathe.space.ChannelGroup;
import dev.lathe.space.ChannelGroup.Axis;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The groups of channels of a mobile space: the hidden channels of every block, and the output
 * channels of every stage, which its residual sums tie together. Left out are groups tied to
 * others: by blocks that may do without an expanding convolution, whose hidden channels are their
 * input's, and by residual sums between stages.
 *
 * @param tensors names of the space's tensors
 */
record MobileChannels(MobileSpec spec, Set<String> tensors) {
  List<ChannelGroup> groups() {
    List<ChannelGroup> groups = new ArrayList<>();
    for (int s = 0; s < spec.stages().size(); s++) {
      for (String block : blocks(s)) {
        if (expands(s)) {
          groups.add(hidden(block));
        }
      }
      boolean last = s == spec.stages().size() - 1;
      boolean tied = tied(s) || (!last && (tied(s + 1) || !expands(s + 1)));
      if (expands(s) && !tied) {
        groups.add(outputs(s));
      }
    }
    return groups;
  }

  private List<String> blocks(int stage) {
    List<String> names = new ArrayList<>();
    for (int b = 0; b < max(spec.stages().get(stage).depths()); b++) {
      names.add(MobileSpace.blockName(stage, b));
    }
    return names;
  }

  private boolean expands(int stage) {
    return min(spec.stages().get(stage).expansions()) > 1;
  }

  /** Whether a stage's first block may add its input to its output. */
  private boolean tied(int stage) {
    List<Integer> before =
        stage == 0 ? List.of(spec.stem().width()) : spec.stages().get(stage - 1).widths();
    MobileSpec.Stage here = spec.stages().get(stage);
    return here.stride() == 1 && here.widths().stream().anyMatch(before::contains);
  }

  private ChannelGroup hidden(String block) {
    Axis filters = new Axis(block + ".expand.weight", 0);
    return group(
        List.of(filters),
        Stream.of(
            new Axis(block + ".expand.norm.scale", 0),
            new Axis(block + ".expand.norm.shift", 0),
            new Axis(block + ".depthwise.weight", 0),
            new Axis(block + ".depthwise.norm.scale", 0),
            new Axis(block + ".depthwise.norm.shift", 0),
            new Axis(block + ".se.reduce.weight", 1),
            new Axis(block + ".se.expand.weight", 0),
            new Axis(block + ".se.expand.bias", 0),
            new Axis(block + ".project.weight", 1)));
  }

  private ChannelGroup outputs(int stage) {
    List<String> blocks = blocks(stage);
    List<Axis> filters =
        blocks.stream().map(block -> new Axis(block + ".project.weight", 0)).toList();
    Stream<Axis> norms =
        blocks.stream()
            .flatMap(
                block ->
                    Stream.of(
                        new Axis(block + ".project.norm.scale", 0),
                        new Axis(block + ".project.norm.shift", 0)));
    boolean last = stage == spec.stages().size() - 1;
    Stream<Axis> readers =
        Stream.concat(
                blocks.stream().skip(1).map(block -> block + ".expand.weight"),
                Stream.of(
                    last ? "head.weight" : MobileSpace.blockName(stage + 1, 0) + ".expand.weight"))
            .map(tensor -> new Axis(tensor, 1));
    return group(filters, Stream.concat(norms, readers));
  }

  private ChannelGroup group(List<Axis> filters, Stream<Axis> others) {
    return new ChannelGroup(
        Stream.concat(filters.stream(), others)
            .filter(axis -> tensors.contains(axis.tensor()))
            .toList(),
        filters);
  }
}
