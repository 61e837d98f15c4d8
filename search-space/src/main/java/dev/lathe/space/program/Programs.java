package dev.lathe.space.program;

import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Runs programs. */
public final class Programs {
  private Programs() {}

  /** What a run of a program gives. */
  public record Built(Subnet subnet, Map<String, TensorSpec> tensors) {}

  /** Builds the network of an architecture. */
  public static Built build(
      SpaceProgram program, Map<String, String> choices, Function<String, List<Integer>> extents) {
    NetworkBuilder builder =
        new NetworkBuilder((gene, labels) -> labels.indexOf(choices.get(gene)), extents);
    program.build(builder);
    NetworkBuilder.Run run = builder.run();
    return new Built(run.subnet(), run.used());
  }
}
