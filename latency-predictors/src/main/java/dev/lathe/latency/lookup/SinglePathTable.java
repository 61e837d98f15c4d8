package dev.lathe.latency.lookup;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/**
 * Run times of the blocks of Single-Path NAS (Stamoulis et al. 2019, arXiv 1904.02877): a JSON
 * file, plain or gzipped, that gives for each of the blocks 0 to 21 four times in milliseconds,
 * under "0" kernel 3 and expansion 3, "1" 3 and 6, "2" 5 and 3, "3" 5 and 6. Blocks 0 and 21 are
 * not searched, their time is a part of the rest; of the others, those that begin no stage may be
 * skipped.
 */
public final class SinglePathTable {
  private static final List<String> CHOICES = List.of("3x3-3", "3x3-6", "5x5-3", "5x5-6");
  private static final int FIRST = 1;
  private static final int LAST = 20;
  private static final Set<Integer> BEGIN_A_STAGE = Set.of(1, 5, 9, 13, 17);

  private final double restMillis;
  private final List<Gene> genes;
  private final double[][] millis;

  private SinglePathTable(double restMillis, List<Gene> genes, double[][] millis) {
    this.restMillis = restMillis;
    this.genes = genes;
    this.millis = millis;
  }

  /**
   * Reads a table.
   *
   * @param restMillis what the network takes besides its searched blocks; the file does not tell
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException naming the file and the entry that is missing or no number
   */
  public static SinglePathTable read(Path file, double restMillis) throws IOException {
    String name = String.valueOf(file.getFileName());
    JsonNode table;
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = name.endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
      table = new ObjectMapper().readTree(in);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "table '%s' is no JSON: %s".formatted(name, e.getOriginalMessage()), e);
    }
    List<Gene> genes = new ArrayList<>();
    double[][] millis = new double[LAST - FIRST + 1][];
    for (int block = FIRST; block <= LAST; block++) {
      List<String> choices = new ArrayList<>(CHOICES);
      if (!BEGIN_A_STAGE.contains(block)) {
        choices.add("skip");
      }
      genes.add(new Gene("block_" + block, choices));
      double[] costs = new double[choices.size()];
      for (int choice = 0; choice < CHOICES.size(); choice++) {
        JsonNode cost = table.path(String.valueOf(block)).path(String.valueOf(choice));
        if (!cost.isNumber() || !(cost.asDouble() >= 0)) {
          throw new IllegalArgumentException(
              "table '%s' has no time for choice %d of block %d. Maybe it is of another space."
                  .formatted(name, choice, block));
        }
        costs[choice] = cost.asDouble();
      }
      millis[block - FIRST] = costs;
    }
    return new SinglePathTable(restMillis, List.copyOf(genes), millis);
  }

  /** One gene a searched block. */
  public List<Gene> genes() {
    return genes;
  }

  /** The sum over blocks and rest, in milliseconds. */
  public double millis(Architecture architecture) {
    return restMillis
        + IntStream.range(0, millis.length)
            .mapToDouble(b -> millis[b][architecture.choice(b)])
            .sum();
  }
}
