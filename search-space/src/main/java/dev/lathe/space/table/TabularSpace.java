package dev.lathe.space.table;

import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import java.util.List;

/** The search space spanned by the genes of a table of recorded measurements. */
public record TabularSpace(MeasurementTable table) implements SearchSpace {
  @Override
  public String name() {
    return table.name();
  }

  @Override
  public List<Gene> genes() {
    return table.genes();
  }
}
