package dev.lathe.compress.claim;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.CompressionException;
import dev.lathe.data.Npy;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A score that somebody's own program computes. It finds the outputs of a group of items as {@code
 * OUTPUT.npy} in the folder that the environment variable {@code LATHE_OUTPUTS} names, the inputs
 * as {@code inputs/INPUT.npy}, and the labels, where they are known, as {@code labels.npy}; the
 * last line that it prints is a number in [0, 1], larger is better.
 *
 * @param command for the shell
 * @param data the items
 * @param labels of the items; empty where they are not known
 */
public record CommandScore(String command, CalibrationData data, int[] labels) implements Scoring {
  private static final int GROUP = 32;
  private static final int LIMIT_SECONDS = 600;

  @Override
  public String name() {
    return "score of '%s'".formatted(command);
  }

  @Override
  public int count() {
    return data.images() / GROUP;
  }

  @Override
  public double[] values(OnnxGraph model, int from, int to) {
    double[] values = new double[to - from];
    try (OrtModel session = OrtModel.open(model, OrtModel.Options.DEPLOYED)) {
      for (int group = from; group < to; group++) {
        values[group - from] = value(model, session, group);
      }
    }
    return values;
  }

  private double value(OnnxGraph model, OrtModel session, int group) {
    int fixed = data.itemsARun(model);
    int run = fixed == 0 ? GROUP : fixed;
    Map<String, List<TensorValue>> arrays = new LinkedHashMap<>();
    int start = group * GROUP;
    for (int item = start; item + run <= start + GROUP; item += run) {
      Map<String, TensorValue> feed = data.feed(model, item, item + run);
      feed.forEach(
          (name, value) ->
              arrays.computeIfAbsent("inputs/" + name, n -> new ArrayList<>()).add(value));
      session
          .run(feed)
          .forEach(
              (name, value) -> arrays.computeIfAbsent(name, n -> new ArrayList<>()).add(value));
    }
    try {
      Path folder = Files.createTempDirectory("lathe-score");
      try {
        for (Map.Entry<String, List<TensorValue>> array : arrays.entrySet()) {
          write(folder, array.getKey(), array.getValue());
        }
        if (labels.length > 0) {
          int[] own = Arrays.copyOfRange(labels, start, start + GROUP);
          Npy.writeInt64(folder.resolve("labels.npy"), own, own.length);
        }
        return run(folder);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new CompressionException("the score cannot be computed: " + e.getMessage());
    }
  }

  private static void write(Path folder, String name, List<TensorValue> parts) throws IOException {
    long[] dims = parts.getFirst().dims();
    int elements = 0;
    for (TensorValue part : parts) {
      elements += Math.toIntExact(part.elements());
    }
    float[] all = new float[elements];
    int at = 0;
    for (TensorValue part : parts) {
      float[] values = part.floats();
      System.arraycopy(values, 0, all, at, values.length);
      at += values.length;
    }
    if (dims.length == 0) {
      dims = new long[] {parts.size()};
    } else {
      dims[0] = parts.stream().mapToLong(part -> part.dim(0)).sum();
    }
    boolean input = name.startsWith("inputs/");
    String plain = (input ? name.substring(7) : name).replaceAll("[^A-Za-z0-9_.-]", "_");
    Path file = (input ? folder.resolve("inputs") : folder).resolve(plain + ".npy");
    Files.createDirectories(file.getParent());
    Npy.writeFloat32(file, all, dims);
  }

  private double run(Path folder) throws IOException {
    Path out = folder.resolve("out.txt");
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", command);
    builder.environment().put("LATHE_OUTPUTS", folder.toString());
    builder.redirectErrorStream(true).redirectOutput(out.toFile());
    Process process = builder.start();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new CompressionException(
            "'%s' did not end within %d s.".formatted(command, LIMIT_SECONDS));
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new CompressionException("'%s' was interrupted.".formatted(command));
    }
    List<String> lines =
        Files.readString(out, StandardCharsets.UTF_8).lines().filter(l -> !l.isBlank()).toList();
    String last = lines.isEmpty() ? "" : lines.getLast().strip();
    double value;
    try {
      value = Double.parseDouble(last);
    } catch (NumberFormatException e) {
      value = Double.NaN;
    }
    if (process.exitValue() != 0 || !(value >= 0 && value <= 1)) {
      throw new CompressionException(
          "'%s' ended with code %d and printed '%s', where a number from 0 to 1 was expected."
              .formatted(command, process.exitValue(), last));
    }
    return value;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
