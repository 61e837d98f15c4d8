package dev.lathe.space.table;

import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The architectures that a table has rows for, and no others, so that a search never asks for a
 * missing row. Choices that name no row are a spelling of the nearest one: that with the fewest
 * genes chosen differently, and among several of those one that the choices decide (always the
 * same).
 */
public final class RecordedSpace implements SearchSpace {
  private final MeasurementTable table;
  private final List<Architecture> rows;

  /** The rows' choices, one after the other. */
  private final int[] choices;

  public RecordedSpace(MeasurementTable table) {
    this.table = table;
    Set<Architecture> distinct = new LinkedHashSet<>();
    for (int row = 0; row < table.rows(); row++) {
      distinct.add(table.architecture(row));
    }
    this.rows = List.copyOf(distinct);
    this.choices = rows.stream().flatMapToInt(row -> Arrays.stream(row.toArray())).toArray();
  }

  @Override
  public String name() {
    return table.name();
  }

  @Override
  public List<Gene> genes() {
    return table.genes();
  }

  @Override
  public BigInteger size() {
    return BigInteger.valueOf(rows.size());
  }

  @Override
  public Optional<Stream<Architecture>> all() {
    return Optional.of(rows.stream());
  }

  @Override
  public Architecture sample(RandomGenerator random) {
    return rows.get(random.nextInt(rows.size()));
  }

  @Override
  public Architecture canonical(Architecture architecture) {
    check(architecture);
    return table.row(architecture).isPresent() ? architecture : nearest(architecture);
  }

  private Architecture nearest(Architecture architecture) {
    int[] wanted = architecture.toArray();
    int nearest = 0;
    int least = Integer.MAX_VALUE;
    long leastKey = 0;
    for (int row = 0; row < rows.size(); row++) {
      int distance = 0;
      int at = row * wanted.length;
      for (int gene = 0; gene < wanted.length && distance <= least; gene++) {
        distance += choices[at + gene] == wanted[gene] ? 0 : 1;
      }
      if (distance <= least) {
        long key = key(architecture, row);
        if (distance < least || key < leastKey) {
          nearest = row;
          least = distance;
          leastKey = key;
        }
      }
    }
    return rows.get(nearest);
  }

  /** Decides between rows that are equally near, so that no row is preferred by all. */
  private static long key(Architecture architecture, int row) {
    long key = (architecture.hashCode() * 31L + row) * 0x9E3779B97F4A7C15L;
    return (key ^ (key >>> 32)) * 0x94D049BB133111EBL;
  }
}
