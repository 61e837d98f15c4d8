package dev.lathe.onnx;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The sizes that a model's inputs have where a model is costed, calibrated or measured: what it
 * fixes, what somebody says, and defaults that are meant to be shown.
 *
 * @param sizes of symbolic dimensions by name: those said, and defaults for all others but a batch
 * @param defaults names of those that nobody said
 * @param batches names of open first dimensions, of which no size was said
 */
public record InputShapes(Map<String, Long> sizes, Set<String> defaults, Set<String> batches) {
  /** Height and width of images, length of sequences; halved for models that take only less. */
  private static final long IMAGE = 224;

  private static final long SEQUENCE = 64;
  private static final int HALVINGS = 4;
  private static final Set<String> BATCH_NAMES =
      Set.of("n", "b", "bs", "batch", "batch_size", "batchsize");

  public InputShapes {
    sizes = Map.copyOf(sizes);
    defaults = Set.copyOf(defaults);
    batches = Set.copyOf(batches);
  }

  /**
   * Sizes for a model, with the usual defaults.
   *
   * @param said sizes by name; the first dimensions' among them, if wanted
   * @throws OnnxException if a name is not one of the model's, or a size is below 1
   */
  public static InputShapes of(OnnxGraph graph, Map<String, Long> said) {
    return of(graph, said, 1);
  }

  /**
   * Sizes to try one after the other, should the model not run with the first: the later ones have
   * smaller defaults. One if there is nothing to choose.
   *
   * @throws OnnxException as {@link #of(OnnxGraph, Map)}
   */
  public static List<InputShapes> candidates(OnnxGraph graph, Map<String, Long> said) {
    InputShapes first = of(graph, said, 1);
    List<InputShapes> all = new ArrayList<>(List.of(first));
    for (int i = 1; i <= HALVINGS && !first.defaults().isEmpty(); i++) {
      all.add(of(graph, said, 1L << i));
    }
    return all.stream().distinct().toList();
  }

  private static InputShapes of(OnnxGraph graph, Map<String, Long> said, long divisor) {
    check(graph, said);
    Map<String, Long> sizes = new LinkedHashMap<>(said);
    Set<String> defaults = new LinkedHashSet<>();
    Set<String> batches = new LinkedHashSet<>();
    for (ValueInfo input : graph.inputs()) {
      if (!input.shape().isEmpty()
          && input.shape().getFirst() instanceof Dimension.Symbolic(String symbol)
          && !said.containsKey(symbol)) {
        batches.add(symbol);
      }
    }
    for (ValueInfo input : graph.inputs()) {
      for (int axis = 1; axis < input.shape().size(); axis++) {
        if (input.shape().get(axis) instanceof Dimension.Symbolic(String symbol)
            && !sizes.containsKey(symbol)
            && !batches.contains(symbol)) {
          sizes.put(symbol, fallback(graph, input, axis, symbol, divisor));
          defaults.add(symbol);
        }
      }
    }
    return new InputShapes(sizes, defaults, batches);
  }

  /** Names of the dimensions that the inputs leave open, in alphabetical order. */
  public static Set<String> names(OnnxGraph graph) {
    Set<String> names = new TreeSet<>();
    for (ValueInfo input : graph.inputs()) {
      for (Dimension dimension : input.shape()) {
        if (dimension instanceof Dimension.Symbolic(String symbol)) {
          names.add(symbol);
        }
      }
    }
    return names;
  }

  private static void check(OnnxGraph graph, Map<String, Long> said) {
    Set<String> known = names(graph);
    said.forEach(
        (name, size) -> {
          if (!known.contains(name)) {
            throw new OnnxException(
                "no input of the model has an open dimension '%s'. %s"
                    .formatted(
                        name,
                        known.isEmpty()
                            ? "Maybe leave it out: all sizes are fixed by the model."
                            : "Maybe one of these was meant: %s."
                                .formatted(String.join(", ", known))));
          }
          if (size < 1) {
            throw new OnnxException(
                "dimension '%s' cannot have the size %d. Maybe 1 or more was meant."
                    .formatted(name, size));
          }
        });
  }

  private static long fallback(
      OnnxGraph graph, ValueInfo input, int axis, String symbol, long divisor) {
    if (BATCH_NAMES.contains(symbol.toLowerCase(Locale.ROOT))) {
      return 1;
    }
    boolean image = input.shape().size() == 4 && input.type() != ElementType.INT64;
    if (image && axis == 1 && !isChannels(input, 3)) {
      return channels(graph, input.name()).orElse(3L);
    }
    return Math.max(1, (image ? IMAGE : SEQUENCE) / divisor);
  }

  /** Whether an axis has the size of colours or grey. */
  private static boolean isChannels(ValueInfo input, int axis) {
    return input.shape().get(axis) instanceof Dimension.Fixed(long size)
        && (size == 1 || size == 3 || size == 4);
  }

  /** The channels that a convolution takes from an input. */
  private static Optional<Long> channels(OnnxGraph graph, String input) {
    return graph.consumers(input).stream()
        .filter(node -> node.is("Conv"))
        .flatMap(
            node ->
                graph.constant(node.inputs().get(1)).filter(w -> w.rank() > 1).stream()
                    .map(weight -> weight.dim(1) * node.integer("group", 1)))
        .findFirst();
  }

  /** Type and shape of each input, open first dimensions at {@code batch}. */
  public Map<String, TensorType> types(OnnxGraph graph, long batch) {
    Map<String, TensorType> types = new LinkedHashMap<>();
    for (ValueInfo input : graph.inputs()) {
      long[] dims = new long[input.shape().size()];
      for (int i = 0; i < dims.length; i++) {
        dims[i] =
            switch (input.shape().get(i)) {
              case Dimension.Fixed(long size) -> size;
              case Dimension.Symbolic(String symbol) -> sizes.getOrDefault(symbol, batch);
            };
      }
      types.put(input.name(), new TensorType(input.type(), dims));
    }
    return types;
  }

  /** For people: {@code x float[1, 3, 224, 224], H and W by default}. */
  public List<String> described(OnnxGraph graph, long batch) {
    List<String> lines = new ArrayList<>();
    types(graph, batch)
        .forEach(
            (name, type) -> {
              List<String> chosen =
                  graph.inputs().stream()
                      .filter(input -> input.name().equals(name))
                      .flatMap(input -> input.shape().stream())
                      .flatMap(
                          dimension ->
                              dimension instanceof Dimension.Symbolic(String symbol)
                                      && defaults.contains(symbol)
                                  ? java.util.stream.Stream.of(symbol)
                                  : java.util.stream.Stream.of())
                      .distinct()
                      .toList();
              lines.add(
                  name
                      + " "
                      + type
                      + (chosen.isEmpty()
                          ? ""
                          : ", %s by default (--size %s=N says otherwise)"
                              .formatted(String.join(" and ", chosen), chosen.getFirst())));
            });
    return lines;
  }

  /**
   * How many items a run takes: 0 if any number, else the size of the first dimension that all
   * inputs have; 1 where these differ, so that an item is all that goes into one run.
   */
  public static int batch(OnnxGraph graph) {
    Set<Long> firsts = new LinkedHashSet<>();
    for (ValueInfo input : graph.inputs()) {
      if (!input.shape().isEmpty()) {
        firsts.add(
            switch (input.shape().getFirst()) {
              case Dimension.Fixed(long size) -> size;
              case Dimension.Symbolic(String symbol) -> graph.assumed().getOrDefault(symbol, 0L);
            });
      }
    }
    return firsts.size() == 1 ? Math.toIntExact(firsts.iterator().next()) : 1;
  }
}
