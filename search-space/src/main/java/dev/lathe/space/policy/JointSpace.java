package dev.lathe.space.policy;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Architectures of a base space, each with a policy: the base's genes, then the policy's. One
 * genotype for both, so that every search method finds them together; choices about parts that an
 * architecture lacks have no effect, and are masked (SimQ-NAS: Simultaneous Quantization Policy and
 * Neural Architecture Search, 2023, arXiv:2312.13301).
 */
public final class JointSpace implements SearchSpace {
  private final String name;
  private final SearchSpace base;
  private final Policy policy;
  private final List<Gene> genes;
  private final int baseGenes;

  /**
   * @throws IllegalArgumentException if two genes have the same name
   */
  public JointSpace(String name, SearchSpace base, Policy policy) {
    this.name = name;
    this.base = base;
    this.policy = policy;
    this.baseGenes = base.genes().size();
    this.genes = Stream.concat(base.genes().stream(), policy.genes().stream()).toList();
    Set<String> names = new HashSet<>();
    for (Gene gene : genes) {
      if (!names.add(gene.name())) {
        throw new IllegalArgumentException(
            "space '%s' would have two genes '%s'. Maybe name the policy's gene otherwise."
                .formatted(name, gene.name()));
      }
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Gene> genes() {
    return genes;
  }

  @Override
  public boolean[] active(Architecture joint) {
    check(joint);
    Architecture architecture = base(joint);
    boolean[] active = Arrays.copyOf(base.active(architecture), genes.size());
    Set<String> effective = policy.effective().apply(architecture);
    for (int g = baseGenes; g < active.length; g++) {
      active[g] = effective.contains(genes.get(g).name());
    }
    return active;
  }

  /**
   * The number of pairs of an architecture and a policy for it. Where the base has too many
   * architectures to list, this is an upper bound: it counts choices without effect, too.
   */
  @Override
  public BigInteger size() {
    return base.all()
        .map(all -> all.map(this::policies).reduce(BigInteger.ZERO, BigInteger::add))
        .orElseGet(() -> base.size().multiply(product(policy.genes())));
  }

  private BigInteger policies(Architecture architecture) {
    Set<String> effective = policy.effective().apply(architecture);
    return product(policy.genes().stream().filter(g -> effective.contains(g.name())).toList());
  }

  private static BigInteger product(List<Gene> genes) {
    return genes.stream()
        .map(gene -> BigInteger.valueOf(gene.size()))
        .reduce(BigInteger.ONE, BigInteger::multiply);
  }

  /** The canonical architecture of the base space. */
  public Architecture base(Architecture joint) {
    return base.canonical(Architecture.of(Arrays.copyOf(joint.toArray(), baseGenes)));
  }

  /** The labels that the policy's genes with an effect have, by gene name. */
  public Map<String, String> policy(Architecture joint) {
    boolean[] active = active(joint);
    Map<String, String> labels = new LinkedHashMap<>();
    for (int g = baseGenes; g < active.length; g++) {
      if (active[g]) {
        labels.put(genes.get(g).name(), genes.get(g).choices().get(joint.choice(g)));
      }
    }
    return labels;
  }

  /**
   * An architecture of the base with a policy; genes not named take their first choice.
   *
   * @throws IllegalArgumentException naming the gene or label that there is not
   */
  public Architecture join(Architecture architecture, Map<String, String> labels) {
    Map<String, String> all = new LinkedHashMap<>(base.describe(architecture));
    for (Map.Entry<String, String> label : labels.entrySet()) {
      if (all.put(label.getKey(), label.getValue()) != null) {
        throw new IllegalArgumentException(
            "'%s' is a gene of the architecture, not of the policy.".formatted(label.getKey()));
      }
    }
    return parse(all);
  }
}
