package dev.lathe.space.program;

import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import dev.lathe.onnx.CostReport;
import dev.lathe.space.Architecture;
import dev.lathe.space.ChannelGroup;
import dev.lathe.space.Gene;
import dev.lathe.space.NetworkSpace;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The space of all networks that a program can build. What a space must tell is traced: nothing is
 * described a second time.
 */
public class ProgramSpace implements NetworkSpace {
  private final String name;
  private final SpaceProgram program;
  private final Trace trace;
  private final Map<String, Integer> indices = new HashMap<>();
  private Optional<Architecture> largest = Optional.empty();
  private Optional<Architecture> smallest = Optional.empty();

  /**
   * Traces a program.
   *
   * @param name for people
   */
  public ProgramSpace(String name, SpaceProgram program) {
    this.name = name;
    this.program = program;
    this.trace = Trace.of(program);
    for (int i = 0; i < trace.genes().size(); i++) {
      indices.put(trace.genes().get(i).name(), i);
    }
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final List<Gene> genes() {
    return trace.genes();
  }

  @Override
  public final boolean[] active(Architecture architecture) {
    check(architecture);
    boolean[] active = new boolean[trace.genes().size()];
    for (int i = 0; i < active.length; i++) {
      active[i] =
          trace.conditions().getOrDefault(trace.genes().get(i).name(), List.of()).stream()
              .allMatch(
                  condition -> {
                    int other = indices.get(condition.gene());
                    return active[other]
                        && condition.choices().contains(architecture.choice(other));
                  });
    }
    return active;
  }

  @Override
  public final BigInteger size() {
    Set<String> names = new LinkedHashSet<>();
    trace.genes().forEach(gene -> names.add(gene.name()));
    return new ConditionalCount(trace.genes(), trace.conditions()).of(names);
  }

  @Override
  public final Subnet subnet(Architecture architecture) {
    check(architecture);
    return run(architecture).subnet();
  }

  /**
   * What building an architecture tells.
   *
   * @throws IllegalStateException if the program asks for a gene that tracing has not found
   */
  private NetworkBuilder.Run run(Architecture architecture) {
    NetworkBuilder builder =
        new NetworkBuilder(
            (gene, labels) -> {
              Integer index = indices.get(gene);
              if (index == null) {
                throw new IllegalStateException(
                    "gene '%s' of space '%s' was not found by tracing: it depends on several others at once. Maybe ask for it always."
                        .formatted(gene, name));
              }
              return architecture.choice(index);
            },
            this::extent);
    program.build(builder);
    return builder.run();
  }

  private List<Integer> extent(String tensor) {
    TensorSpec spec = trace.tensors().get(tensor);
    if (spec == null) {
      throw new IllegalStateException(
          "tensor '%s' of space '%s' was not found by tracing: it depends on several genes at once. Maybe give these one scope."
              .formatted(tensor, name));
    }
    return spec.shape();
  }

  /** The genes that building an architecture asks for. */
  final Set<String> asked(Architecture architecture) {
    return run(architecture).asked().keySet();
  }

  @Override
  public final Map<String, TensorSpec> specs() {
    return trace.tensors();
  }

  @Override
  public final List<ChannelGroup> channelGroups() {
    return trace.groups();
  }

  /** What nodes are to their blocks, in all networks. */
  public final Set<Role> roles() {
    return trace.roles();
  }

  @Override
  public final synchronized Architecture largest() {
    if (largest.isEmpty()) {
      largest = Optional.of(extreme(1));
    }
    return largest.get();
  }

  @Override
  public final synchronized Architecture smallest() {
    if (smallest.isEmpty()) {
      smallest = Optional.of(extreme(-1));
    }
    return smallest.get();
  }

  /**
   * Takes for gene after gene the alternative with the most (1) or fewest (−1) multiply-adds, where
   * these are equal the greatest or least number, or the first label.
   */
  private Architecture extreme(int sign) {
    int[] choices = new int[trace.genes().size()];
    for (int i = 0; i < choices.length; i++) {
      choices[i] = byRank(trace.genes().get(i), sign);
    }
    for (int i = 0; i < choices.length; i++) {
      if (active(Architecture.of(choices))[i]) {
        choices[i] = byCost(choices, i, sign);
      }
    }
    return canonical(Architecture.of(choices));
  }

  private static int byRank(Gene gene, int sign) {
    int best = 0;
    for (int c = 1; c < gene.size(); c++) {
      if (sign * Trace.rank(gene.choices().get(c)) > sign * Trace.rank(gene.choices().get(best))) {
        best = c;
      }
    }
    return best;
  }

  private int byCost(int[] choices, int gene, int sign) {
    int best = choices[gene];
    long most = sign * macs(Architecture.of(choices));
    for (int c = 0; c < trace.genes().get(gene).size(); c++) {
      if (c != choices[gene]) {
        long macs = sign * macs(Architecture.of(choices).with(gene, c));
        if (macs > most) {
          most = macs;
          best = c;
        }
      }
    }
    return best;
  }

  private long macs(Architecture architecture) {
    return CostReport.of(subnet(architecture).graph(), 1).macs();
  }
}
