package dev.lathe.evolution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.evolution.SearchState.Trial;
import dev.lathe.space.Architecture;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The JSON form of a {@link SearchState}. */
final class SearchStateJson {
  private static final int FORMAT = 1;
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(SerializationFeature.FAIL_ON_EMPTY_BEANS);

  private static final TypeReference<Map<String, Object>> SETTINGS = new TypeReference<>() {};

  private SearchStateJson() {}

  static String write(SearchState state) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format", FORMAT);
    ObjectNode method = root.putObject("method");
    method.put("name", state.method().name());
    method.set("settings", JSON.valueToTree(state.method()));
    root.put("seed", state.seed());
    root.put("repeats", state.repeats());
    ArrayNode trials = root.putArray("trials");
    for (Trial trial : state.trials()) {
      ObjectNode node = trials.addObject();
      ArrayNode choices = node.putArray("choices");
      for (int choice : trial.architecture().toArray()) {
        choices.add(choice);
      }
      trial.result().ifPresent(result -> write(result, node));
    }
    return root.toString();
  }

  private static void write(Evaluation result, ObjectNode node) {
    switch (result) {
      case Evaluation.Measured measured -> {
        ObjectNode metrics = node.putObject("metrics");
        new TreeMap<>(measured.metrics()).forEach(metrics::put);
      }
      case Evaluation.Failed failed -> node.put("failure", failed.reason());
    }
  }

  static SearchState read(String json) {
    try {
      JsonNode root = JSON.readTree(json);
      if (root.path("format").asInt() != FORMAT) {
        throw new IllegalArgumentException(
            "search state has format %s, this Lathe reads format %d. Maybe it was saved by another version."
                .formatted(root.path("format"), FORMAT));
      }
      JsonNode method = root.required("method");
      List<Trial> trials = new ArrayList<>();
      for (JsonNode trial : root.required("trials")) {
        trials.add(trial(trial));
      }
      return new SearchState(
          SearchMethods.named(method.required("name").asText())
              .with(JSON.convertValue(method.required("settings"), SETTINGS)),
          root.required("seed").asLong(),
          root.required("repeats").asBoolean(),
          trials);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "search state cannot be read: " + e.getOriginalMessage(), e);
    }
  }

  private static Trial trial(JsonNode node) {
    JsonNode cells = node.required("choices");
    int[] choices = new int[cells.size()];
    for (int i = 0; i < choices.length; i++) {
      choices[i] = cells.get(i).asInt();
    }
    Architecture architecture = Architecture.of(choices);
    if (node.has("metrics")) {
      Map<String, Double> metrics = new LinkedHashMap<>();
      node.get("metrics")
          .properties()
          .forEach(e -> metrics.put(e.getKey(), e.getValue().asDouble()));
      return new Trial.Told(Evaluation.of(architecture, metrics));
    }
    if (node.has("failure")) {
      return new Trial.Told(Evaluation.failed(architecture, node.get("failure").asText()));
    }
    return new Trial.Pending(architecture);
  }
}
