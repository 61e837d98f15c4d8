package dev.lathe.space.elastic;

/**
 * Why channels cannot be left out.
 *
 * @param where the node that needs them all, or the input or output of the graph
 * @param why in words
 */
public record Pin(String where, String why) {
  /** Of axes that count no channels: samples, rows, columns, tokens. */
  static final Pin NO_CHANNELS = new Pin("", "no channels");

  /** For people: who and why. */
  @Override
  public String toString() {
    return where.isEmpty() ? why : where + ": " + why;
  }
}
