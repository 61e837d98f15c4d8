package dev.lathe.farm.fpga;

import java.util.Map;
import java.util.TreeMap;

/**
 * A systolic array on an FPGA, as {@code systolic_array.v} describes it: {@code rows} × {@code
 * columns} elements, each of which multiplies and adds 8-bit integers once a cycle. An element
 * keeps the sum of one output (output-stationary): inputs move right, weights move down.
 *
 * @param rows pixels at once, 1 to 256
 * @param columns output channels at once, 1 to 256
 * @param megahertz of the clock
 * @param bytesPerCycle between the array's buffers and the memory beside the FPGA
 * @param activationBytes of the buffer for activations, one half for what is read and one for what
 *     is written
 * @param weightBytes of the buffer for weights
 * @param hot signed powers of two that an element adds in place of a multiplication, 1 to 4; 0 for
 *     an element with a multiplier
 */
public record ArrayDesign(
    int rows,
    int columns,
    double megahertz,
    int bytesPerCycle,
    int activationBytes,
    int weightBytes,
    int hot) {

  /** Half a block of an AMD FPGA's block memory: 18 kbit, of which 16 kbit hold bytes. */
  private static final int HALF_BLOCK_BYTES = 2048;

  public ArrayDesign {
    if (rows < 1 || rows > 256 || columns < 1 || columns > 256) {
      throw new IllegalArgumentException(
          "a systolic array has 1 to 256 rows and columns, not %d and %d."
              .formatted(rows, columns));
    }
    if (!(megahertz > 0) || bytesPerCycle < 1 || activationBytes < 2 || weightBytes < 1) {
      throw new IllegalArgumentException(
          "a systolic array needs a clock, bandwidth and buffers above 0, not %s MHz, %d, %d and %d bytes."
              .formatted(megahertz, bytesPerCycle, activationBytes, weightBytes));
    }
    if (hot < 0 || hot > 4) {
      throw new IllegalArgumentException("hot must be 0 to 4, not %d.".formatted(hot));
    }
  }

  /** The design as facts of a device. */
  Map<String, String> facts() {
    Map<String, String> facts = new TreeMap<>();
    facts.put("rows", Integer.toString(rows));
    facts.put("columns", Integer.toString(columns));
    facts.put("clockMegahertz", Double.toString(megahertz));
    facts.put("bytesPerCycle", Integer.toString(bytesPerCycle));
    facts.put("activationBytes", Integer.toString(activationBytes));
    facts.put("weightBytes", Integer.toString(weightBytes));
    facts.put("hot", Integer.toString(hot));
    return facts;
  }

  /**
   * The design of a device that told these facts.
   *
   * @throws IllegalArgumentException if one is missing or wrong
   */
  static ArrayDesign of(Map<String, String> facts) {
    return new ArrayDesign(
        integer(facts, "rows"),
        integer(facts, "columns"),
        Double.parseDouble(fact(facts, "clockMegahertz")),
        integer(facts, "bytesPerCycle"),
        integer(facts, "activationBytes"),
        integer(facts, "weightBytes"),
        integer(facts, "hot"));
  }

  private static int integer(Map<String, String> facts, String name) {
    return Integer.parseInt(fact(facts, name));
  }

  private static String fact(Map<String, String> facts, String name) {
    String value = facts.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "a simulated array told no '%s', only %s.".formatted(name, facts.keySet()));
    }
    return value;
  }

  /**
   * DSP blocks: one does two products of 8 bits that share a factor (AMD white paper WP486), and an
   * element's two neighbours in a column's direction share the input.
   */
  public int dspBlocks() {
    return hot > 0 ? 0 : rows * Math.ceilDiv(columns, 2);
  }

  /** Adders of elements without a multiplier: one for each power of two. */
  public int adders() {
    return rows * columns * hot;
  }

  /**
   * Blocks of 36 kbit of block memory: every row reads activations at once and every column
   * weights, so that each has a bank of its own. Halves count.
   */
  public double blockMemories() {
    long halves =
        (long) rows * Math.ceilDiv(Math.ceilDiv(activationBytes, rows), HALF_BLOCK_BYTES)
            + (long) columns * Math.ceilDiv(Math.ceilDiv(weightBytes, columns), HALF_BLOCK_BYTES);
    return halves / 2.0;
  }

  /** Milliseconds of so many cycles. */
  public double millis(long cycles) {
    return cycles / (megahertz * 1000);
  }
}
