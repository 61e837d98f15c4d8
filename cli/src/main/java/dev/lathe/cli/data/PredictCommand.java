package dev.lathe.cli.data;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.cli.compress.JsonFile;
import dev.lathe.data.DataException;
import dev.lathe.data.picture.Framing;
import dev.lathe.data.picture.PictureDecoder;
import dev.lathe.data.picture.PictureKind;
import dev.lathe.data.picture.Preprocessing;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.ValueInfo;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Classifies pictures with an ONNX file, preparing them as its metadata say. */
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description = {
      "Classifies pictures with an ONNX file. They are prepared exactly as the file's metadata say;",
      "for files of other origin the options tell how.",
      "",
      "Example: ./lathe predict member-4-float32.onnx holiday/*.jpg",
      "Example: ./lathe predict resnet50.onnx cat.jpg --mean 0.485,0.456,0.406"
          + " --std 0.229,0.224,0.225 --share 0.875 --labels imagenet.txt"
    })
public final class PredictCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int UNSIZED = 224;

  @Parameters(index = "0", paramLabel = "MODEL", description = "ONNX file of a classifier")
  private Path model = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "PICTURE",
      description = "picture files, or folders of them")
  private List<Path> pictures = new ArrayList<>();

  @Option(
      names = "--top",
      defaultValue = "5",
      description = "classes shown a picture; 5 if not given")
  private int top = 5;

  @Option(names = "--json", description = "file for the result")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--labels", description = "file with one class name a line")
  private Optional<Path> labels = Optional.empty();

  @Option(
      names = "--mean",
      split = ",",
      description = "three values, taken off after scaling; 0,0,0 if neither model nor option says")
  private List<Float> mean = List.of();

  @Option(names = "--std", split = ",", description = "three values to divide by; 1,1,1 likewise")
  private List<Float> std = List.of();

  @Option(names = "--scale", description = "by which bytes are multiplied; 1/255 likewise")
  private Optional<Double> scale = Optional.empty();

  @Option(names = "--layout", description = "nchw or nhwc; as the input's shape says likewise")
  private Optional<Preprocessing.Layout> layout = Optional.empty();

  @Option(names = "--order", description = "rgb or bgr")
  private Optional<Preprocessing.ChannelOrder> order = Optional.empty();

  @Option(
      names = "--fit",
      description = "crop: the centre of the input's aspect ratio; resize: everything, squeezed")
  private Optional<Framing.Fit> fit = Optional.empty();

  @Option(
      names = "--share",
      description = "of the largest centred part that is taken; 0.875 is 'resize 256, crop 224'")
  private Optional<Double> share = Optional.empty();

  @Option(
      names = "--size",
      description = "side in pixels, where the model leaves it open; 224 likewise")
  private Optional<Integer> size = Optional.empty();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** A picture's most probable classes. */
  record Prediction(String file, List<Guess> classes) {}

  /** A class with its probability, in [0, 1]. */
  record Guess(String name, double probability) {}

  @Override
  public Integer call() throws IOException {
    OnnxGraph graph = OnnxGraph.read(model);
    Preprocessing preprocessing = preprocessing(graph);
    List<String> names = names(graph);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    List<Prediction> predictions = new ArrayList<>();
    int failed = 0;
    try (OrtModel session = OrtModel.open(graph, OrtModel.Options.DEPLOYED)) {
      PictureDecoder decoder = new PictureDecoder();
      long[] shape = preprocessing.shape(1);
      float[] input = new float[(int) (shape[1] * shape[2] * shape[3])];
      for (Path picture : files()) {
        try {
          preprocessing.prepare(decoder, picture, input, 0);
        } catch (DataException e) {
          err.println("lathe: " + e.getMessage());
          failed++;
          continue;
        }
        Prediction prediction =
            new Prediction(picture.toString(), guesses(session.run(input, shape), names));
        predictions.add(prediction);
        out.println(line(prediction));
      }
    }
    out.flush();
    if (json.isPresent()) {
      JsonFile.write(json.get(), predictions);
    }
    return failed == 0 ? 0 : 1;
  }

  private List<Path> files() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path picture : pictures) {
      if (!Files.isDirectory(picture)) {
        files.add(picture);
        continue;
      }
      try (Stream<Path> below = Files.walk(picture)) {
        below
            .filter(Files::isRegularFile)
            .filter(file -> !file.getFileName().toString().startsWith("."))
            .filter(file -> PictureKind.named(file.getFileName().toString()).isPresent())
            .sorted()
            .forEach(files::add);
      }
    }
    return files;
  }

  private Preprocessing preprocessing(OnnxGraph graph) {
    Optional<Preprocessing> said =
        Optional.ofNullable(graph.metadata().get(Preprocessing.KEY)).map(Preprocessing::parse);
    ValueInfo input = graph.inputs().getFirst();
    if (graph.inputs().size() != 1 || input.shape().size() != 4) {
      throw new IllegalArgumentException(
          "'%s' takes %d inputs, the first of shape %s; pictures need one of four dimensions."
              .formatted(model, graph.inputs().size(), input.shape()));
    }
    boolean last = input.shape().get(3).equals(Dimension.of(3));
    Preprocessing.Layout chosen =
        layout.orElse(
            said.map(Preprocessing::layout)
                .orElse(last ? Preprocessing.Layout.NHWC : Preprocessing.Layout.NCHW));
    int rows = chosen == Preprocessing.Layout.NCHW ? 2 : 1;
    Framing framing =
        new Framing(
            side(input, rows, said.map(p -> p.framing().height())),
            side(input, rows + 1, said.map(p -> p.framing().width())),
            fit.orElse(said.map(p -> p.framing().fit()).orElse(Framing.Fit.CROP)),
            share.orElse(said.map(p -> p.framing().share()).orElse(1.0)));
    return new Preprocessing(
        framing,
        chosen,
        order.orElse(said.map(Preprocessing::order).orElse(Preprocessing.ChannelOrder.RGB)),
        scale.orElse(said.map(Preprocessing::scale).orElse(1 / 255.0)),
        values("--mean", mean, said.map(Preprocessing::mean).orElse(new float[3])),
        values("--std", std, said.map(Preprocessing::std).orElse(new float[] {1, 1, 1})));
  }

  private int side(ValueInfo input, int axis, Optional<Integer> said) {
    return input.shape().get(axis) instanceof Dimension.Fixed(long fixed)
        ? (int) fixed
        : size.or(() -> said).orElse(UNSIZED);
  }

  private static float[] values(String option, List<Float> given, float[] otherwise) {
    if (given.isEmpty()) {
      return otherwise;
    }
    if (given.size() != 3) {
      throw new IllegalArgumentException(
          "%s has %d values; pictures need three, as 0.5,0.5,0.5.".formatted(option, given.size()));
    }
    return new float[] {given.get(0), given.get(1), given.get(2)};
  }

  private List<String> names(OnnxGraph graph) throws IOException {
    if (labels.isPresent()) {
      return Files.readAllLines(labels.get(), StandardCharsets.UTF_8).stream()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .toList();
    }
    String known = graph.metadata().get("lathe.classes");
    return known == null ? List.of() : JSON.readValue(known, new TypeReference<>() {});
  }

  private List<Guess> guesses(float[] outputs, List<String> names) {
    if (!names.isEmpty() && names.size() != outputs.length) {
      throw new IllegalArgumentException(
          "the model gives %d values for %d class names. Maybe it is no classifier, or --labels names another's classes."
              .formatted(outputs.length, names.size()));
    }
    double[] probabilities = probabilities(outputs);
    return IntStream.range(0, outputs.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer c) -> -outputs[c]))
        .limit(Math.max(1, top))
        .map(c -> new Guess(names.isEmpty() ? Integer.toString(c) : names.get(c), probabilities[c]))
        .toList();
  }

  /** Softmax of logits; what sums to 1 already is left as it is. */
  private static double[] probabilities(float[] outputs) {
    double sum = 0;
    double largest = Double.NEGATIVE_INFINITY;
    boolean shares = true;
    for (float value : outputs) {
      sum += value;
      largest = Math.max(largest, value);
      shares &= value >= 0;
    }
    double[] result = new double[outputs.length];
    if (shares && Math.abs(sum - 1) < 1e-3) {
      for (int c = 0; c < result.length; c++) {
        result[c] = outputs[c];
      }
      return result;
    }
    double total = 0;
    for (int c = 0; c < result.length; c++) {
      result[c] = Math.exp(outputs[c] - largest);
      total += result[c];
    }
    for (int c = 0; c < result.length; c++) {
      result[c] /= total;
    }
    return result;
  }

  private static String line(Prediction prediction) {
    StringBuilder text = new StringBuilder(prediction.file());
    for (Guess guess : prediction.classes()) {
      text.append("  %s %.3f".formatted(guess.name(), guess.probability()));
    }
    return text.toString();
  }
}
