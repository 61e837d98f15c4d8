package dev.lathe.space.mobile;

import dev.lathe.space.Architecture;
import dev.lathe.space.program.ProgramSpace;

/** The networks that a {@link MobileSpec} describes. Choices that it leaves open are genes. */
public final class MobileSpace extends ProgramSpace {
  private final MobileSpec spec;
  private final int classes;

  /**
   * A space for images of a number of classes.
   *
   * @throws IllegalArgumentException if there are fewer than two classes
   */
  public MobileSpace(MobileSpec spec, int classes) {
    super(spec.name(), new MobileProgram(spec, atLeastTwo(classes)));
    this.spec = spec;
    this.classes = classes;
  }

  private static int atLeastTwo(int classes) {
    if (classes < 2) {
      throw new IllegalArgumentException(
          "a classifier needs at least 2 classes, not %d.".formatted(classes));
    }
    return classes;
  }

  public MobileSpec spec() {
    return spec;
  }

  public int classes() {
    return classes;
  }

  /** The side of the input images of an architecture in pixels. */
  public int resolution(Architecture architecture) {
    String label = describe(architecture).get("resolution");
    return label == null ? spec.resolutions().getFirst() : Integer.parseInt(label);
  }
}
