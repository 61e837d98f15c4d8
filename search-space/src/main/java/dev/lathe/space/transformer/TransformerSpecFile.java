package dev.lathe.space.transformer;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.space.file.Fields;
import dev.lathe.space.file.SpecException;
import dev.lathe.space.mobile.MobileSpec;
import dev.lathe.space.mobile.MobileSpecReader;
import dev.lathe.space.mobile.MobileSpecWriter;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Reads and writes a {@link TransformerSpec}. */
public final class TransformerSpecFile {
  /** The family that a file names. */
  public static final String FAMILY = "transformer";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_WIDTH = 4096;

  private TransformerSpecFile() {}

  /**
   * Reads a description.
   *
   * @throws SpecException naming the wrong field and its value
   */
  public static TransformerSpec read(Fields fields) {
    fields.only(
        "name",
        "family",
        "input",
        "stem",
        "stages",
        "patch",
        "width",
        "depth",
        "headSize",
        "heads",
        "ratio",
        "keep");
    Fields input = fields.object("input");
    input.only("channels", "resolution");
    TransformerSpec spec =
        new TransformerSpec(
            fields.text("name", FAMILY),
            input.integer("channels", 1, 64, 3),
            input.integers("resolution", 8, 1024, null),
            fields.has("stem")
                ? Optional.of(MobileSpecReader.stem(fields.object("stem")))
                : Optional.empty(),
            fields.has("stages")
                ? fields.objects("stages").stream().map(MobileSpecReader::stage).toList()
                : List.of(),
            fields.integers("patch", 1, 64, null),
            fields.integers("width", 8, MAX_WIDTH, null),
            fields.integers("depth", 1, 64, null),
            fields.integer("headSize", 4, 256, 64),
            fields.integers("heads", 1, 64, null),
            fields.numbers("ratio", 0.25, 8, List.of(4.0)),
            fields.has("keep") ? Optional.of(keep(fields.object("keep"))) : Optional.empty());
    check(spec);
    return spec;
  }

  private static TransformerSpec.Keep keep(Fields keep) {
    keep.only("layers", "rate");
    return new TransformerSpec.Keep(
        keep.integers("layers", 1, 64, null), keep.numbers("rate", 0.05, 1, null));
  }

  private static void check(TransformerSpec spec) {
    int stride = spec.stem().map(stem -> Collections.max(stem.strides())).orElse(1);
    for (MobileSpec.Stage stage : spec.stages()) {
      stride *= Collections.max(stage.strides());
    }
    int patch = Collections.max(spec.patches());
    for (int side : spec.resolutions()) {
      int map = (side + stride - 1) / stride;
      if (map < 2 * patch) {
        throw new SpecException(
            "patch: %d pixels leave fewer than 2 patches a side of the %d pixels that strides leave of %d. Maybe a smaller patch or stride."
                .formatted(patch, map, side));
      }
    }
    spec.keep()
        .ifPresent(
            keep -> {
              if (Collections.max(keep.layers()) >= Collections.max(spec.depths())) {
                throw new SpecException(
                    "keep.layers: %d is not before the last layer, %d. Maybe an earlier layer."
                        .formatted(Collections.max(keep.layers()), Collections.max(spec.depths())));
              }
            });
  }

  /** Writes what {@link #read} reads, as JSON. */
  static String write(TransformerSpec spec) {
    ObjectNode root = JSON.createObjectNode();
    root.put("name", spec.name()).put("family", FAMILY);
    ObjectNode input = root.putObject("input").put("channels", spec.channels());
    integers(input.putArray("resolution"), spec.resolutions());
    spec.stem().ifPresent(stem -> root.set("stem", MobileSpecWriter.stem(stem)));
    if (!spec.stages().isEmpty()) {
      ArrayNode stages = root.putArray("stages");
      spec.stages().forEach(stage -> stages.add(MobileSpecWriter.stage(stage)));
    }
    integers(root.putArray("patch"), spec.patches());
    integers(root.putArray("width"), spec.widths());
    integers(root.putArray("depth"), spec.depths());
    root.put("headSize", spec.headSize());
    integers(root.putArray("heads"), spec.heads());
    ArrayNode ratios = root.putArray("ratio");
    spec.ratios().forEach(ratios::add);
    spec.keep()
        .ifPresent(
            keep -> {
              ObjectNode node = root.putObject("keep");
              integers(node.putArray("layers"), keep.layers());
              ArrayNode rates = node.putArray("rate");
              keep.rates().forEach(rates::add);
            });
    return root.toPrettyString();
  }

  private static void integers(ArrayNode array, List<Integer> values) {
    values.forEach(array::add);
  }
}
