package dev.lathe.space;

import dev.lathe.onnx.CostReport;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Architectures spread evenly over the range of multiply-adds of a space, where uniform samples
 * would crowd in its middle.
 */
public final class MacsSpread {
  private static final double GOLDEN = 0.618034;

  private MacsSpread() {}

  /** The multiply-adds of an architecture's network for one image. */
  public static long macs(NetworkSpace space, Architecture architecture) {
    return CostReport.of(space.subnet(architecture).graph(), 1).macs();
  }

  /**
   * The smallest, the largest, and others spread evenly over the logarithm of multiply-adds.
   *
   * @param wanted how many, at least 2
   * @return distinct architectures; fewer than wanted only where a space is hardly larger than that
   */
  public static List<Architecture> draw(NetworkSpace space, int wanted, RandomGenerator random) {
    if (wanted < 2) {
      throw new IllegalArgumentException(
          "%d architectures cannot be spread; at least 2 are needed.".formatted(wanted));
    }
    Set<Architecture> drawn = new LinkedHashSet<>();
    for (int i = 0; i < 100 * wanted && drawn.size() < 6 * wanted; i++) {
      drawn.add(skewed(space, random));
    }
    record Cost(Architecture architecture, double logMacs) {}
    List<Cost> costs =
        new ArrayList<>(
            drawn.stream()
                .map(architecture -> new Cost(architecture, Math.log(macs(space, architecture))))
                .sorted(Comparator.comparingDouble(Cost::logMacs))
                .toList());
    Set<Architecture> chosen = new LinkedHashSet<>();
    chosen.add(space.smallest());
    chosen.add(space.largest());
    double least = costs.getFirst().logMacs();
    double most = costs.getLast().logMacs();
    for (int i = 0; chosen.size() < Math.min(wanted, drawn.size()) && !costs.isEmpty(); i++) {
      double target = least + (most - least) * ((i * GOLDEN) % 1);
      Cost nearest =
          costs.stream()
              .min(Comparator.comparingDouble(cost -> Math.abs(cost.logMacs() - target)))
              .orElseThrow();
      costs.remove(nearest);
      chosen.add(nearest.architecture());
    }
    return List.copyOf(chosen);
  }

  /**
   * The smallest, the largest and random architectures, many of them near these extremes, as they
   * come; all distinct.
   *
   * @return fewer than wanted where a space is hardly larger than that
   */
  public static List<Architecture> skewed(NetworkSpace space, int wanted, RandomGenerator random) {
    Set<Architecture> drawn = new LinkedHashSet<>(List.of(space.smallest(), space.largest()));
    for (int i = 0; i < 20 * wanted && drawn.size() < wanted; i++) {
      drawn.add(skewed(space, random));
    }
    return List.copyOf(drawn);
  }

  /** A random architecture, often mixed with the smallest or largest, so that extremes occur. */
  private static Architecture skewed(NetworkSpace space, RandomGenerator random) {
    Architecture sample = space.sample(random);
    Architecture extreme = random.nextBoolean() ? space.smallest() : space.largest();
    double share = random.nextDouble();
    int[] choices = sample.toArray();
    for (int g = 0; g < choices.length; g++) {
      if (random.nextDouble() < share * share) {
        choices[g] = extreme.choice(g);
      }
    }
    return space.canonical(Architecture.of(choices));
  }
}
