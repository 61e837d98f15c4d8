package dev.lathe.onnx;

/** One dimension of a declared shape. */
public sealed interface Dimension {
  /** A size that the model fixes. */
  record Fixed(long size) implements Dimension {
    public Fixed {
      if (size < 0) {
        throw new OnnxException("a dimension cannot be negative: %d.".formatted(size));
      }
    }
  }

  /**
   * A size that is known when the model runs, for example the batch.
   *
   * @param symbol its name; dimensions of one name are equal
   */
  record Symbolic(String symbol) implements Dimension {}

  static Dimension of(long size) {
    return new Fixed(size);
  }

  static Dimension of(String symbol) {
    return new Symbolic(symbol);
  }
}
