package dev.lathe.space.block;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The blocks that a space file can name. */
public final class Blocks {
  /** The block of a stage that names none. */
  public static final String INVERTED_RESIDUAL = "inverted-residual";

  private static final Map<String, Block> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put(INVERTED_RESIDUAL, new InvertedResidual());
    BY_NAME.put("fused", new FusedInvertedResidual());
    BY_NAME.put("plain", new Plain());
    BY_NAME.put("basic-residual", new BasicResidual());
    BY_NAME.put("bottleneck-residual", new BottleneckResidual());
    BY_NAME.put("convnext", new ConvNeXt());
    BY_NAME.put("inceptionnext", new InceptionNeXt());
    BY_NAME.put("ulsam", new Ulsam());
  }

  private Blocks() {}

  /** The names, in order. */
  public static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
  }

  /**
   * The block of a name.
   *
   * @throws IllegalArgumentException naming it if there is none
   */
  public static Block of(String name) {
    Block block = BY_NAME.get(name);
    if (block == null) {
      throw new IllegalArgumentException(
          "block '%s' is not known. Maybe one of %s.".formatted(name, names()));
    }
    return block;
  }
}
