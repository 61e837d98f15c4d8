package dev.lathe.runs.isolated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a process that works on models can be asked to do, as messages. */
final class Tasks {
  /** The file of a model in the folder of the process. */
  static final String MODEL = "model.onnx";

  static final String PARSE = "parse";
  static final String STRUCTURE = "structure";
  static final String KERNELS = "kernels";
  static final String CHECK = "check";
  static final String RUN = "run";
  static final String CALIBRATE = "calibrate";
  static final String COMPRESS = "compress";

  private static final String REQUEST = "request";
  private static final String LIES_AT = "modelFile";

  private Tasks() {}

  /** Whether work on a request opens a model that somebody sent. */
  static boolean opensModel(SearchRequest request) {
    return request.space().orElse(null) instanceof SpaceChoice.Model
        || request.settings().containsKey("from");
  }

  static void put(ObjectNode task, SearchRequest request) {
    task.put(REQUEST, RequestJson.write(request));
    if (request.space().orElse(null) instanceof SpaceChoice.Model model) {
      model.file().ifPresent(file -> task.put(LIES_AT, file.toString()));
    }
  }

  /** The files that a request names: its model, one to begin with, weights. */
  static List<Path> files(SearchRequest request) {
    List<Path> files = new ArrayList<>();
    if (request.space().orElse(null) instanceof SpaceChoice.Model model) {
      model.file().ifPresent(files::add);
    }
    for (String setting : List.of("from", "initialWeights")) {
      if (request.settings().get(setting) instanceof String file) {
        files.add(Path.of(file));
      }
    }
    return files;
  }

  static SearchRequest request(JsonNode task) {
    SearchRequest request = RequestJson.read(task.path(REQUEST).asText());
    return task.has(LIES_AT) && request.space().orElse(null) instanceof SpaceChoice.Model model
        ? request.withSpace(
            Optional.of(
                new SpaceChoice.Model(
                    model.reference(), Optional.of(Path.of(task.get(LIES_AT).asText())))))
        : request;
  }
}
