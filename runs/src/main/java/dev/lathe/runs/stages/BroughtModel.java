package dev.lathe.runs.stages;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.ForeignModel;
import dev.lathe.compress.Simplification;
import dev.lathe.compress.calibration.ImageFeed;
import dev.lathe.compress.calibration.ImageOptions;
import dev.lathe.data.DataSet;
import dev.lathe.data.picture.Preprocessing;
import dev.lathe.farm.Sha256;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.InputShapes;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ValueInfo;
import dev.lathe.onnx.trial.ModelTrial;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import dev.lathe.runs.slim.SortedModel;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.program.Program;
import dev.lathe.supernet.transfer.Backbone;
import dev.lathe.supernet.transfer.LinearNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A trained classifier as somebody brought it, to be the space of a search.
 *
 * @param reference by which the request names it
 * @param file as it came
 * @param graph simplified; takes images of one size, any number at once
 * @param feed how it takes images
 */
record BroughtModel(String reference, byte[] file, OnnxGraph graph, ImageFeed feed) {
  /** Settings of what a trained model does not need: nothing of it is trained before the search. */
  private static final List<String> OF_TRAINING =
      List.of("baselineSteps", "baselines", "from", "initialWeights", "lesson", "supernetSteps");

  private static final double SAME = 1e-3;

  /** The fact that says why a backbone is not cut. */
  static final String NOT_CUT = "backbone.notCut";

  /**
   * Refuses what can be told from request and file alone; does not run the model.
   *
   * @throws InvalidSearch naming the field
   */
  static void check(SearchRequest request, SpaceChoice.Model model) {
    for (String setting : OF_TRAINING) {
      if (request.settings().containsKey(setting)) {
        throw new InvalidSearch(
            "settings." + setting,
            "%s is of networks that are trained for the search; a trained model is cut as it is. Maybe leave it out."
                .formatted(setting));
      }
    }
    try {
      OnnxGraph graph = OnnxGraph.parse(read(model));
      graph.assume(InputShapes.candidates(graph, Map.of()).getFirst().sizes());
      feed(graph);
    } catch (OnnxException | CompressionException e) {
      throw new InvalidSearch("space.model", String.valueOf(e.getMessage()));
    }
  }

  /**
   * The backbone of {@code settings.from}, where a search is to cut it: where no space is named, by
   * a method that trains nothing itself.
   *
   * @return empty where it is not to be cut, or cannot be: the reason is kept as a fact
   */
  static Optional<BroughtModel> backbone(
      SearchRequest request, Settings settings, ModelTrial.Limits limits, RunStore store) {
    boolean searched = request.method().map(method -> !Methods.trains(method.name())).orElse(true);
    if (settings.from().isEmpty() || request.space().isPresent() || !searched) {
      return Optional.empty();
    }
    try {
      SpaceChoice.Model model = new SpaceChoice.Model("backbone", settings.from());
      String reference = "sha256:" + Sha256.of(read(model));
      BroughtModel brought = of(new SpaceChoice.Model(reference, settings.from()), limits);
      OnnxGraph unused = Backbone.features(brought.graph());
      return Optional.of(brought);
    } catch (OnnxException | CompressionException e) {
      new Facts(store).put(NOT_CUT, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /**
   * A backbone with a linear layer for the classes of a data set, its other weights as they are.
   */
  BroughtModel classifying(DataSet data, long seed) {
    OnnxGraph features = Backbone.features(graph);
    try (Workers workers = Workers.ofProcessors()) {
      OnnxGraph network =
          LinearNetwork.fit(features, feed.height(), data, LinearMembers.FEW, seed, workers)
              .graph();
      return new BroughtModel(
          "%s, %d classes".formatted(reference, data.classes().size()), file, network, feed);
    }
  }

  private static byte[] read(SpaceChoice.Model model) {
    Path file =
        model
            .file()
            .orElseThrow(
                () ->
                    new InvalidSearch(
                        "space.model",
                        "no model '%s' is known here. Maybe send it first."
                            .formatted(model.reference())));
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException("the model %s cannot be read".formatted(model.reference()), e);
    }
  }

  private static ImageFeed feed(OnnxGraph graph) {
    ImageFeed feed = ImageFeed.of(graph, ImageOptions.NONE);
    boolean usual =
        feed.layout() == ImageOptions.Layout.NCHW
            && feed.type() == ElementType.FLOAT
            && feed.channels() == 3
            && feed.height() == feed.width()
            && feed.order() == Preprocessing.ChannelOrder.RGB;
    if (!usual) {
      throw new OnnxException(
          "a search cuts models of square images of red, green and blue, channels first and single precision; this one takes %s. Maybe ./lathe slim, which takes others."
              .formatted(feed.described()));
    }
    return feed;
  }

  /**
   * Reads, tries and simplifies a model.
   *
   * @param limits within which it is tried
   * @throws OnnxException if it does not run, cannot be cut or cannot be trained; names the node
   *     and the reason
   */
  static BroughtModel of(SpaceChoice.Model model, ModelTrial.Limits limits) {
    byte[] file = read(model);
    OnnxGraph graph;
    try (ModelTrial trial = ModelTrial.within(limits)) {
      graph = Simplification.of(ForeignModel.of(OnnxGraph.parse(file), Map.of(), trial).graph());
    }
    ImageFeed feed = feed(graph);
    OnnxGraph open = takingAnyNumber(graph, feed);
    SortedModel.requireElastic(open);
    Program.of(open, Set.of()).close();
    return new BroughtModel(model.reference(), file, open, feed);
  }

  /** The model with images of one size, and any number of them. */
  private static OnnxGraph takingAnyNumber(OnnxGraph graph, ImageFeed feed) {
    boolean fixed = graph.inputs().getFirst().shape().getFirst() instanceof Dimension.Fixed;
    OnnxGraph open = graph.copy();
    ValueInfo input = open.inputs().getFirst();
    open.removeInput(input.name());
    List<Dimension> shape = new ArrayList<>(input.shape());
    shape.set(2, Dimension.of(feed.height()));
    shape.set(3, Dimension.of(feed.width()));
    if (fixed) {
      shape.set(0, Dimension.of("N"));
      for (ValueInfo output : open.outputs()) {
        if (output.ranked() && !output.shape().isEmpty()) {
          List<Dimension> rows = new ArrayList<>(output.shape());
          rows.set(0, Dimension.of("N"));
          open.removeOutput(output.name());
          open.addOutput(new ValueInfo(output.name(), output.type(), rows));
        }
      }
      open.forgetDeclared();
    }
    open.addInput(new ValueInfo(input.name(), input.type(), shape));
    if (fixed) {
      requireRows(graph, open, feed);
    }
    return open;
  }

  /** Refuses a model whose answer to an image depends on what else is in the batch. */
  private static void requireRows(OnnxGraph graph, OnnxGraph open, ImageFeed feed) {
    int each = Math.max(1, InputShapes.batch(graph));
    float[] batch = new float[2 * each * 3 * feed.height() * feed.width()];
    for (int i = 0; i < batch.length; i++) {
      batch[i] = (float) Math.sin(0.37 * i);
    }
    float[] first = java.util.Arrays.copyOf(batch, batch.length / 2);
    try (OrtModel one = OrtModel.open(graph, OrtModel.Options.DEPLOYED);
        OrtModel two = OrtModel.open(open, OrtModel.Options.DEPLOYED)) {
      float[] wanted = one.run(first, each, 3, feed.height(), feed.width());
      float[] found = two.run(batch, 2L * each, 3, feed.height(), feed.width());
      boolean same = found.length == 2 * wanted.length;
      for (int i = 0; same && i < wanted.length; i++) {
        same = Math.abs(wanted[i] - found[i]) <= SAME * (1 + Math.abs(wanted[i]));
      }
      if (same) {
        return;
      }
    } catch (OnnxException e) {
      // Said below, for both: a node is made for that number.
    }
    throw new OnnxException(
        "the model takes batches of %d alone, and a node of it depends on that. Maybe export it with an open batch, as by torch's dynamic_axes."
            .formatted(each));
  }
}
