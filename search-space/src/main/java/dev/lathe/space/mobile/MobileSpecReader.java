package dev.lathe.space.mobile;

import dev.lathe.graph.Activation;
import dev.lathe.space.block.Blocks;
import dev.lathe.space.file.Fields;
import dev.lathe.space.file.SpecException;
import java.util.Collections;
import java.util.List;

/** Reads a {@link MobileSpec} from YAML or JSON, naming the field that is wrong. */
public final class MobileSpecReader {
  private static final int MAX_CHANNELS = 4096;
  private static final int MAX_SIDE = 1024;

  private MobileSpecReader() {}

  /**
   * Reads a description.
   *
   * @param text YAML, of which JSON is a part
   * @throws SpecException naming the wrong field and its value
   */
  public static MobileSpec read(String text) {
    return read(Fields.parse(text));
  }

  /** Reads a description from the fields of a file. */
  public static MobileSpec read(Fields fields) {
    fields.only("name", "family", "input", "stem", "stages", "head");
    Fields input = fields.object("input");
    input.only("channels", "resolution");
    Fields head = fields.object("head");
    head.only("width", "activation");
    MobileSpec spec =
        new MobileSpec(
            fields.text("name", "mobile"),
            input.integer("channels", 1, 64, 3),
            input.integers("resolution", 8, MAX_SIDE, null),
            stem(fields.object("stem")),
            fields.objects("stages").stream().map(MobileSpecReader::stage).toList(),
            head.integer("width", 1, MAX_CHANNELS, null),
            activation(head, "activation"));
    int stride = Collections.max(spec.stem().strides());
    for (MobileSpec.Stage stage : spec.stages()) {
      stride *= Collections.max(stage.strides());
    }
    for (int resolution : spec.resolutions()) {
      if (resolution < stride) {
        throw new SpecException(
            "input.resolution: %d is smaller than the product of all strides, %d. Maybe lower a stride."
                .formatted(resolution, stride));
      }
    }
    return spec;
  }

  /** Reads a first convolution. */
  public static MobileSpec.Stem stem(Fields stem) {
    stem.only("width", "kernel", "stride", "activation");
    return new MobileSpec.Stem(
        stem.integers("width", 1, MAX_CHANNELS, null),
        odd(stem, "kernel", stem.integer("kernel", 1, 11, 3)),
        stem.integers("stride", 1, 4, List.of(2)),
        activation(stem, "activation"));
  }

  /** Reads a stage. */
  public static MobileSpec.Stage stage(Fields stage) {
    stage.only(
        "width",
        "depth",
        "stride",
        "block",
        "shared",
        "kernel",
        "expansion",
        "ratio",
        "squeezeExcite",
        "activation",
        "groups");
    List<String> blocks = stage.texts("block", List.of(Blocks.INVERTED_RESIDUAL));
    for (String block : blocks) {
      if (!Blocks.names().contains(block)) {
        throw new SpecException(
            "%s: block '%s' is not known. Maybe one of %s."
                .formatted(stage.path("block"), block, Blocks.names()));
      }
    }
    List<Integer> kernels = stage.integers("kernel", 1, 11, List.of(3));
    kernels.forEach(kernel -> odd(stage, "kernel", kernel));
    return new MobileSpec.Stage(
        stage.integers("width", 1, MAX_CHANNELS, null),
        stage.integers("depth", 1, 32, List.of(1)),
        stage.integers("stride", 1, 4, List.of(1)),
        kernels,
        stage.integers(
            "expansion", 1, 16, blocks.contains(Blocks.INVERTED_RESIDUAL) ? null : List.of(4)),
        stage.booleans("squeezeExcite", List.of(false)),
        stage.texts("activation", List.of("relu")).stream()
            .map(label -> parse(stage, "activation", label))
            .toList(),
        new MobileSpec.Blocks(
            blocks,
            stage.truth("shared", false),
            stage.numbers("ratio", 0.01, 8, List.of(1.0)),
            stage.integers("groups", 1, 64, List.of(4))));
  }

  private static Activation activation(Fields fields, String name) {
    return parse(fields, name, fields.text(name, "relu"));
  }

  private static Activation parse(Fields fields, String name, String label) {
    try {
      return Activation.of(label);
    } catch (IllegalArgumentException e) {
      throw new SpecException(fields.path(name) + ": " + e.getMessage());
    }
  }

  private static int odd(Fields fields, String name, int kernel) {
    if (kernel % 2 == 0) {
      throw new SpecException(
          "%s: %d is even, kernels are odd. Maybe %d."
              .formatted(fields.path(name), kernel, kernel + 1));
    }
    return kernel;
  }
}
