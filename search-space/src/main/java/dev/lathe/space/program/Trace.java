package dev.lathe.space.program;

import dev.lathe.graph.TensorSpec;
import dev.lathe.space.ChannelGroup;
import dev.lathe.space.Gene;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * What running a program on many architectures tells: each alternative of each gene is chosen once,
 * all else being as large as it can be.
 *
 * @param genes in the order in which they are asked for
 * @param conditions by gene those under which it is asked for, all of which must hold
 * @param tensors name and full extent of the stored tensors
 * @param groups channels that may change places
 * @param roles of the nodes of all blocks
 */
record Trace(
    List<Gene> genes,
    Map<String, List<Condition>> conditions,
    Map<String, TensorSpec> tensors,
    List<ChannelGroup> groups,
    Set<Role> roles) {
  /** Holds where an earlier gene has one of these choices. */
  record Condition(String gene, Set<Integer> choices) {}

  static Trace of(SpaceProgram program) {
    return new Exploration(program).run();
  }

  /** The index of the alternative that is taken for the largest before anything is costed. */
  static int greatest(List<String> labels) {
    int best = 0;
    for (int i = 1; i < labels.size(); i++) {
      if (rank(labels.get(i)) > rank(labels.get(best))) {
        best = i;
      }
    }
    return best;
  }

  /** Numbers by value, true above false, other labels alike. */
  static double rank(String label) {
    if (label.equals("true")) {
      return 1;
    }
    try {
      return Double.parseDouble(label);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** One exploration of a program. */
  private static final class Exploration {
    private final SpaceProgram program;
    private final Map<String, List<String>> labels = new HashMap<>();
    private final List<String> order = new ArrayList<>();
    private final Map<String, List<Condition>> conditions = new HashMap<>();
    private final Map<String, TensorSpec> tensors = new LinkedHashMap<>();
    private final Set<Role> roles = new LinkedHashSet<>();
    private final PermutableChannels channels = new PermutableChannels();

    /**
     * A run.
     *
     * @param fresh genes that it was the first to ask for
     * @param news whether it was the first to ask for a gene, or to use a tensor
     */
    private record Found(
        Map<String, Integer> choices, NetworkBuilder.Run run, List<String> fresh, boolean news) {}

    /** A run, and the genes that are to be varied from it. */
    private record Base(Found found, Set<String> genes) {}

    Exploration(SpaceProgram program) {
      this.program = program;
    }

    Trace run() {
      Found first = found(Map.of());
      Queue<Base> open =
          new ArrayDeque<>(List.of(new Base(first, new LinkedHashSet<>(first.fresh()))));
      while (!open.isEmpty()) {
        Base base = open.remove();
        for (String gene : base.genes()) {
          vary(base.found(), gene, open);
        }
      }
      List<Gene> genes = order.stream().map(name -> new Gene(name, labels.get(name))).toList();
      return new Trace(genes, conditions, tensors, channels.groups(), roles);
    }

    private void vary(Found base, String gene, Queue<Base> open) {
      int chosen = base.run().asked().get(gene);
      Map<String, Set<Integer>> askedAt = new LinkedHashMap<>();
      int alternatives = labels.get(gene).size();
      for (int choice = 0; choice < alternatives; choice++) {
        Set<String> asked = base.run().asked().keySet();
        if (choice != chosen) {
          Map<String, Integer> choices = new HashMap<>(base.choices());
          choices.put(gene, choice);
          Found varied = found(choices);
          asked = varied.run().asked().keySet();
          if (varied.news()) {
            open.add(new Base(varied, behind(gene, varied)));
          }
        }
        for (String other : asked) {
          askedAt.computeIfAbsent(other, _ -> new LinkedHashSet<>()).add(choice);
        }
      }
      Set<String> concerned = new LinkedHashSet<>(base.fresh());
      askedAt.keySet().stream()
          .filter(other -> !base.run().asked().containsKey(other))
          .forEach(concerned::add);
      askedAt.forEach(
          (other, choices) -> {
            if (choices.size() < alternatives && concerned.contains(other)) {
              conditions
                  .computeIfAbsent(other, _ -> new ArrayList<>())
                  .add(new Condition(gene, choices));
            }
          });
    }

    /** The genes that may act otherwise once one is varied: new ones, and others of its scope. */
    private static Set<String> behind(String gene, Found varied) {
      String scope = gene.substring(0, gene.lastIndexOf('.') + 1);
      Set<String> genes = new LinkedHashSet<>(varied.fresh());
      boolean passed = false;
      for (String other : varied.run().asked().keySet()) {
        boolean within = scope.isEmpty() ? other.indexOf('.') < 0 : other.startsWith(scope);
        if (passed && within) {
          genes.add(other);
        }
        passed |= other.equals(gene);
      }
      return genes;
    }

    private Found found(Map<String, Integer> choices) {
      List<String> fresh = new ArrayList<>();
      NetworkBuilder builder =
          new NetworkBuilder(
              (gene, alternatives) -> {
                List<String> before = labels.putIfAbsent(gene, List.copyOf(alternatives));
                if (before == null) {
                  fresh.add(gene);
                } else if (!before.equals(alternatives)) {
                  throw new IllegalStateException(
                      "gene '%s' is asked for with alternatives %s and %s."
                          .formatted(gene, before, alternatives));
                }
                return choices.getOrDefault(gene, greatest(alternatives));
              },
              _ -> List.of());
      program.build(builder);
      NetworkBuilder.Run run = builder.run();
      place(run.asked().keySet());
      boolean news = !fresh.isEmpty() || !tensors.keySet().containsAll(run.used().keySet());
      run.used().forEach((name, spec) -> tensors.merge(name, spec, Exploration::larger));
      roles.addAll(run.roles());
      channels.add(run.ties());
      return new Found(choices, run, fresh, news);
    }

    /** Puts new genes behind the one that was asked for before them. */
    private void place(Set<String> asked) {
      int at = 0;
      for (String gene : asked) {
        int known = order.indexOf(gene);
        if (known < 0) {
          order.add(at, gene);
          known = at;
        }
        at = known + 1;
      }
    }

    private static TensorSpec larger(TensorSpec left, TensorSpec right) {
      if (left.shape().size() != right.shape().size()) {
        throw new IllegalStateException(
            "a stored tensor is used with shapes %s and %s."
                .formatted(left.shape(), right.shape()));
      }
      List<Integer> shape = new ArrayList<>();
      for (int d = 0; d < left.shape().size(); d++) {
        shape.add(Math.max(left.shape().get(d), right.shape().get(d)));
      }
      return new TensorSpec(shape, left.initializer(), left.decays(), left.matrix());
    }
  }
}
