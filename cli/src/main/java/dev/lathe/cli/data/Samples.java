package dev.lathe.cli.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * Ready programs that classify a picture with a network as Lathe does, in Python, Java, C++ and
 * JavaScript, to lie beside a downloaded file.
 */
public final class Samples {
  private static final String[] NAMES = {
    "predict.py", "Predict.java", "predict.cpp", "predict.mjs"
  };
  private static final ObjectMapper JSON = new ObjectMapper();

  private Samples() {}

  /**
   * Writes the samples for a network, unless it cannot be read or says nothing of its input.
   *
   * @param model an ONNX file of ours
   * @param folder into which they go
   */
  public static void write(Path model, Path folder) throws IOException {
    OnnxGraph graph;
    try {
      graph = OnnxGraph.read(model);
    } catch (OnnxException e) {
      return; // Not for us to judge: whoever asked for the file has it.
    }
    String preprocessing = graph.metadata().get("lathe.preprocessing");
    String classes = graph.metadata().get("lathe.classes");
    if (preprocessing == null || classes == null) {
      return;
    }
    JsonNode said = JSON.readTree(preprocessing);
    Files.createDirectories(folder);
    for (String name : NAMES) {
      String text;
      try (InputStream in = Samples.class.getResourceAsStream(name + ".txt")) {
        if (in == null) {
          throw new IOException("the sample '%s' is missing from this build".formatted(name));
        }
        text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      }
      text =
          text.replace("@MODEL@", model.getFileName().toString())
              .replace("@SIDE@", said.required("height").asText())
              .replace("@MEAN@", list(said.required("mean")))
              .replace("@STD@", list(said.required("std")))
              .replace("@CLASSES@", names(JSON.readTree(classes)));
      Files.writeString(folder.resolve(name), text);
    }
  }

  private static String list(JsonNode values) {
    return StreamSupport.stream(values.spliterator(), false)
        .map(JsonNode::asText)
        .collect(Collectors.joining(", "));
  }

  /** Strings that all four languages read alike. */
  private static String names(JsonNode classes) {
    return StreamSupport.stream(classes.spliterator(), false)
        .map(name -> '"' + escaped(name.asText()) + '"')
        .collect(Collectors.joining(", "));
  }

  private static String escaped(String text) {
    return Arrays.stream(text.split(""))
        .map(letter -> letter.equals("\\") || letter.equals("\"") ? "\\" + letter : letter)
        .collect(Collectors.joining());
  }
}
