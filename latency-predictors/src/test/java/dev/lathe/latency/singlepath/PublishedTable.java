package dev.lathe.latency.singlepath;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * The Pixel 1 table that was published with Single-Path NAS (arXiv 1904.02877): 22 blocks of a
 * MnasNet-like backbone, one of expansion 1, five stages of four, and one at the end. The 20 in
 * between are searched; the first of a stage, which changes the resolution or the width, is never
 * skipped.
 */
final class PublishedTable {
  /** Stem, head, first and last block on a Pixel 1, in milliseconds. */
  public static final double FIXED_MILLIS = 19.5999;

  private static final int FIRST = 1;
  private static final int LAST = 20;
  private static final int STAGE = 4;

  private PublishedTable() {}

  /**
   * Reads the table.
   *
   * @param file JSON, plain or gzipped: block → form → milliseconds, with forms 0: 3×3 expansion 3,
   *     1: 3×3 expansion 6, 2: 5×5 expansion 3, 3: 5×5 expansion 6
   * @throws IOException if the file cannot be read, or a block or form is missing
   */
  public static RuntimeModel read(Path file) throws IOException {
    JsonNode table;
    try (InputStream raw = Files.newInputStream(file);
        InputStream in = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
      table = new ObjectMapper().readTree(in);
    }
    List<RuntimeModel.Block> blocks = new ArrayList<>();
    for (int block = FIRST; block <= LAST; block++) {
      int index = block - FIRST;
      blocks.add(
          new RuntimeModel.Block(
              new BlockRuntimes(
                  millis(file, table, block, 0),
                  millis(file, table, block, 1),
                  millis(file, table, block, 2),
                  millis(file, table, block, 3)),
              index % STAGE == 0 ? List.of() : List.of(index)));
    }
    return new RuntimeModel(FIXED_MILLIS, blocks);
  }

  private static double millis(Path file, JsonNode table, int block, int form) throws IOException {
    JsonNode value = table.path(Integer.toString(block)).path(Integer.toString(form));
    if (!value.isNumber()) {
      throw new IOException(
          "'%s' has no run time for form %d of block %d. Maybe it is another table."
              .formatted(file, form, block));
    }
    return value.doubleValue();
  }
}
