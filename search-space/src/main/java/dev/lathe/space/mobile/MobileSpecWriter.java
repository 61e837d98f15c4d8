package dev.lathe.space.mobile;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.graph.Activation;
import java.util.List;

/** Writes a {@link MobileSpec} as the JSON that {@link MobileSpecReader} reads. */
public final class MobileSpecWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MobileSpecWriter() {}

  public static String write(MobileSpec spec) {
    ObjectNode root = JSON.createObjectNode();
    root.put("name", spec.name());
    ObjectNode input = root.putObject("input").put("channels", spec.channels());
    integers(input.putArray("resolution"), spec.resolutions());
    root.set("stem", stem(spec.stem()));
    ArrayNode stages = root.putArray("stages");
    spec.stages().forEach(stage -> stages.add(stage(stage)));
    root.putObject("head")
        .put("width", spec.headWidth())
        .put("activation", spec.headActivation().label());
    return root.toPrettyString();
  }

  /** A first convolution as JSON. */
  public static ObjectNode stem(MobileSpec.Stem stem) {
    ObjectNode node = JSON.createObjectNode();
    oneOrMore(node, "width", stem.widths());
    node.put("kernel", stem.kernel());
    oneOrMore(node, "stride", stem.strides());
    return node.put("activation", stem.activation().label());
  }

  /** A stage as JSON. */
  public static ObjectNode stage(MobileSpec.Stage stage) {
    ObjectNode node = JSON.createObjectNode();
    integers(node.putArray("width"), stage.widths());
    integers(node.putArray("depth"), stage.depths());
    oneOrMore(node, "stride", stage.strides());
    integers(node.putArray("kernel"), stage.kernels());
    integers(node.putArray("expansion"), stage.expansions());
    ArrayNode gates = node.putArray("squeezeExcite");
    stage.squeezeExcite().forEach(gates::add);
    ArrayNode activations = node.putArray("activation");
    stage.activations().stream().map(Activation::label).forEach(activations::add);
    if (!stage.blocks().equals(MobileSpec.Blocks.INVERTED_RESIDUALS)) {
      ArrayNode kinds = node.putArray("block");
      stage.blocks().kinds().forEach(kinds::add);
      node.put("shared", stage.blocks().shared());
      ArrayNode ratios = node.putArray("ratio");
      stage.blocks().ratios().forEach(ratios::add);
      integers(node.putArray("groups"), stage.blocks().groups());
    }
    return node;
  }

  private static void oneOrMore(ObjectNode node, String name, List<Integer> values) {
    if (values.size() == 1) {
      node.put(name, values.getFirst());
    } else {
      integers(node.putArray(name), values);
    }
  }

  private static void integers(ArrayNode array, List<Integer> values) {
    values.forEach(array::add);
  }
}
