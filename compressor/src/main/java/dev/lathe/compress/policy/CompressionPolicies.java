package dev.lathe.compress.policy;

import dev.lathe.compress.CalibratedModel;
import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.CompressionException;
import dev.lathe.compress.Int8Options;
import dev.lathe.compress.ShortNames;
import dev.lathe.compress.Simplification;
import dev.lathe.compress.WeightRows;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.space.Architecture;
import dev.lathe.space.Gene;
import dev.lathe.space.SearchSpace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The ways to compress a model layer by layer: one gene a layer with weights, whose choices are to
 * leave it, to compute it with 8-bit integers, or to give it the form that a recipe gives it. Any
 * search method can search it (a policy of bits per layer is SimQ-NAS', arXiv:2312.13301).
 */
public final class CompressionPolicies implements SearchSpace {
  /** Leaves a layer as it is. */
  public static final String FLOAT = "float32";

  /** Computes a layer with 8-bit integers. */
  public static final String INTEGER = "int8";

  private static final int LEAST_ELEMENTS = 64;

  private final OnnxGraph base;
  private final CalibratedModel calibrated;
  private final List<Gene> genes;
  private final List<Map<String, Splice>> forms;

  private CompressionPolicies(
      OnnxGraph base,
      CalibratedModel calibrated,
      List<Gene> genes,
      List<Map<String, Splice>> forms) {
    this.base = base;
    this.calibrated = calibrated;
    this.genes = List.copyOf(genes);
    this.forms = List.copyOf(forms);
  }

  /**
   * The policies for a model.
   *
   * @param recipes each a form; those named {@link #FLOAT} and {@link #INTEGER} are always there
   * @param data to calibrate with
   * @throws CompressionException if a recipe cannot be applied, or no layer has a choice
   */
  public static CompressionPolicies of(
      OnnxGraph original, List<CompressionRecipe> recipes, CalibrationData data) {
    CalibratedModel calibrated = CalibratedModel.of(named(original), data, Int8Options.DEFAULT);
    OnnxGraph base = calibrated.simple();
    Set<String> candidates = new HashSet<>(calibrated.candidates());
    Map<String, OnnxGraph> changed = new LinkedHashMap<>();
    for (CompressionRecipe recipe : recipes) {
      if (!recipe.name().equals(FLOAT) && !recipe.name().equals(INTEGER)) {
        changed.put(recipe.name(), Compressor.apply(recipe, base, data).model());
      }
    }
    List<Gene> genes = new ArrayList<>();
    List<Map<String, Splice>> forms = new ArrayList<>();
    for (OnnxNode layer : WeightRows.nodes(base, LEAST_ELEMENTS)) {
      Map<String, Splice> splices = new LinkedHashMap<>();
      changed.forEach(
          (name, graph) -> {
            Splice splice = Splice.of(base, layer, graph);
            if (splice.nodes().isEmpty()) {
              throw new CompressionException(
                  "recipe '%s' rewrites more than single layers and cannot be the form of one. Maybe leave it out: %s and %s are always there."
                      .formatted(name, FLOAT, INTEGER));
            }
            if (!splice.isUnchanged(base)) {
              splices.put(name, splice);
            }
          });
      List<String> choices = new ArrayList<>(List.of(FLOAT));
      if (candidates.contains(layer.name())) {
        choices.add(INTEGER);
      }
      choices.addAll(splices.keySet());
      genes.add(new Gene(layer.name(), choices));
      forms.add(splices);
    }
    if (genes.stream().allMatch(gene -> gene.size() == 1)) {
      throw new CompressionException(
          "no layer of the model can be compressed: none has %d constant weights."
              .formatted(LEAST_ELEMENTS));
    }
    return new CompressionPolicies(base, calibrated, genes, forms);
  }

  /** A simplified copy in which every node with weights has a name of its own. */
  private static OnnxGraph named(OnnxGraph original) {
    OnnxGraph graph = Simplification.of(original);
    Set<String> names = new HashSet<>();
    for (OnnxNode node : WeightRows.nodes(graph, LEAST_ELEMENTS)) {
      if (node.name().isEmpty() || !names.add(node.name())) {
        String name = graph.freshName("layer");
        names.add(name);
        graph.replace(node, List.of(node.withName(name)));
      }
    }
    return graph;
  }

  @Override
  public String name() {
    return "compression of " + base.name();
  }

  @Override
  public List<Gene> genes() {
    return genes;
  }

  /** The policy that gives every layer the same form, where it can have it; else as it is. */
  public Architecture uniform(String form) {
    int[] choices = new int[genes.size()];
    for (int i = 0; i < choices.length; i++) {
      choices[i] = Math.max(0, genes.get(i).choices().indexOf(form));
    }
    return Architecture.of(choices);
  }

  /** The names of all forms that some layer can have. */
  public Set<String> formNames() {
    Set<String> names = new java.util.LinkedHashSet<>();
    genes.forEach(gene -> names.addAll(gene.choices()));
    return names;
  }

  /** The model under a policy. */
  public OnnxGraph apply(Architecture policy) {
    check(policy);
    Map<String, Splice> placed = new HashMap<>();
    Set<String> kept = new HashSet<>();
    for (int i = 0; i < genes.size(); i++) {
      Gene gene = genes.get(i);
      String form = gene.choices().get(policy.choice(i));
      if (!form.equals(INTEGER)) {
        kept.add(gene.name());
        Optional.ofNullable(forms.get(i).get(form))
            .ifPresent(splice -> placed.put(gene.name(), splice));
      }
    }
    OnnxGraph graph = kept.size() == genes.size() ? base.copy() : calibrated.quantized(kept);
    for (OnnxNode node : List.copyOf(graph.nodes())) {
      Splice splice = placed.get(node.name());
      if (splice != null && node.isOneOf("Conv", "Gemm", "MatMul")) {
        splice.replace(graph, node);
      }
    }
    graph.removeUnused();
    ShortNames.apply(graph);
    return graph;
  }
}
