package dev.lathe.space.mobile;

import static java.util.Collections.max;

import dev.lathe.graph.Activation;
import dev.lathe.graph.NetworkGraph;
import dev.lathe.graph.Operator;
import dev.lathe.graph.TensorShape;
import dev.lathe.graph.WeightRef.Slice;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The networks of a mobile space as they are trained until the trainer takes subnets. */
final class MobileGraphs {
  private MobileGraphs() {}

  static NetworkGraph network(MobileSpec spec, int classes, Map<String, String> labels) {
    NetworkGraph.Builder graph = NetworkGraph.builder();
    int side = number(labels, "resolution", spec.resolutions());
    String x = graph.input("input", TensorShape.of(spec.channels(), side, side));
    x = stem(graph, x, spec.stem());
    for (int s = 0; s < spec.stages().size(); s++) {
      MobileSpec.Stage stage = spec.stages().get(s);
      String name = "stage" + (s + 1);
      int width = number(labels, name + ".width", stage.widths());
      int depth = number(labels, name + ".depth", stage.depths());
      for (int b = 0; b < depth; b++) {
        String block = name + ".block" + (b + 1);
        String gated = labels.get(block + ".squeezeExcite");
        String activation = labels.get(block + ".activation");
        x =
            new InvertedResidual(
                    block,
                    width,
                    number(labels, block + ".expansion", stage.expansions()),
                    number(labels, block + ".kernel", stage.kernels()),
                    b == 0 ? stage.stride() : 1,
                    gated == null ? stage.squeezeExcite().getFirst() : Boolean.parseBoolean(gated),
                    activation == null ? stage.activations().getFirst() : Activation.of(activation))
                .append(graph, x, max(stage.kernels()));
      }
    }
    return graph.build(head(graph, x, spec.headWidth(), spec.headActivation(), classes));
  }

  private static int number(Map<String, String> labels, String gene, List<Integer> choices) {
    String label = labels.get(gene);
    return label == null ? choices.getFirst() : Integer.parseInt(label);
  }

  static String stem(NetworkGraph.Builder graph, String input, MobileSpec.Stem stem) {
    Slice weight =
        Slice.leading(
            "stem.weight",
            stem.width(),
            graph.shape(input).channels(),
            stem.kernel(),
            stem.kernel());
    String x =
        graph.add(
            "stem",
            new Operator.Conv2d(weight, Optional.empty(), stem.stride(), stem.kernel() / 2, 1),
            input);
    return InvertedResidual.normalized(graph, "stem", x, Optional.of(stem.activation()));
  }

  static String head(
      NetworkGraph.Builder graph, String x, int width, Activation activation, int classes) {
    String y = InvertedResidual.pointwise(graph, "head", x, width, Optional.of(activation));
    y = graph.add("pool", new Operator.GlobalAveragePool(), y);
    y = graph.add("flat", new Operator.Flatten(), y);
    return graph.add(
        "logits",
        new Operator.Linear(
            Slice.leading("classifier.weight", classes, width),
            Optional.of(Slice.leading("classifier.bias", classes))),
        y);
  }

  static void declareStem(Map<String, List<Integer>> tensors, int channels, MobileSpec.Stem stem) {
    tensors.put("stem.weight", List.of(stem.width(), channels, stem.kernel(), stem.kernel()));
    InvertedResidual.declareNorm(tensors, "stem", stem.width());
  }

  static void declareHead(Map<String, List<Integer>> tensors, int in, int width, int classes) {
    tensors.put("head.weight", List.of(width, in, 1, 1));
    InvertedResidual.declareNorm(tensors, "head", width);
    tensors.put("classifier.weight", List.of(classes, width));
    tensors.put("classifier.bias", List.of(classes));
  }
}
