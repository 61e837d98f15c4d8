package dev.lathe.runs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.metric.Direction;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.SearchRequest.Budget;
import dev.lathe.runs.SearchRequest.Goal;
import dev.lathe.runs.SearchRequest.Limit;
import dev.lathe.runs.SearchRequest.MethodChoice;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The one JSON form of a {@link SearchRequest}, for REST, files, the pages and the store. Two
 * spellings of earlier versions are read and never written: {@code minutes} and {@code device}
 * beside the data, and {@code constraints} as an object of {@code maxLatencyMillis}, {@code
 * maxBytes} and {@code minAccuracy}.
 */
public final class RequestJson {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<LinkedHashMap<String, Object>> MAP = new TypeReference<>() {};
  private static final int MAX_NAME = 200;
  private static final int MOST = 16;
  private static final double MAX_MINUTES = 14 * 24 * 60;
  private static final Set<String> FIELDS =
      Set.of(
          "name",
          "seed",
          "data",
          "score",
          "space",
          "device",
          "devices",
          "objectives",
          "constraints",
          "method",
          "forms",
          "minutes",
          "budget",
          "warmStart",
          "replay",
          "settings");

  private RequestJson() {}

  /**
   * Reads a request.
   *
   * @throws InvalidSearch naming the field that is unknown or wrong, its value and advice
   */
  public static SearchRequest read(String json) {
    try {
      return read(JSON.readTree(json.isBlank() ? "{}" : json));
    } catch (JsonProcessingException e) {
      throw new InvalidSearch("request", "the request is no JSON: " + e.getOriginalMessage());
    }
  }

  /** As {@link #read(String)}, of a tree. */
  public static SearchRequest read(JsonNode root) {
    if (!root.isObject()) {
      throw new InvalidSearch("request", "the request must be a JSON object, not " + root + ".");
    }
    unknown("", root, FIELDS);
    List<String> devices = texts("devices", root.path("devices"));
    Optional<String> device = text("device", root.path("device"));
    if (device.isPresent() && devices.isEmpty()) {
      devices = List.of(device.get());
    }
    Optional<String> name = text("name", root.path("name"));
    require(
        name.orElse("").length() <= MAX_NAME && name.orElse("").indexOf('\0') < 0,
        "name",
        "may have up to 200 printable characters.");
    Optional<String> data = text("data", root.path("data"));
    require(data.isEmpty() || !data.get().isBlank(), "data", "is empty. Maybe 'builtin'.");
    return new SearchRequest(
        name,
        whole("seed", root.path("seed"), Long.MIN_VALUE).orElse(1),
        data.orElse(SearchRequest.BUILTIN),
        text("score", root.path("score")),
        space(root.path("space")),
        devices,
        goals(root.path("objectives")),
        limits(root.path("constraints"), devices),
        method(root.path("method")),
        texts("forms", root.path("forms")),
        budget(root),
        whole("warmStart.search", root.path("warmStart").path("search"), 1),
        whole("replay", root.path("replay"), 1),
        map("settings", root.path("settings")));
  }

  private static Optional<SpaceChoice> space(JsonNode node) {
    if (absent(node)) {
      return Optional.empty();
    }
    if (node.isTextual() && !node.asText().isBlank()) {
      return Optional.of(new SpaceChoice.Named(node.asText()));
    }
    require(
        node.isObject(),
        "space",
        "must be the name of a search space, its definition, {\"table\": NAME} or {\"model\": SHA256}.");
    if (node.has("table")) {
      unknown("space.", node, Set.of("table"));
      return text("space.table", node.path("table")).map(SpaceChoice.Table::new);
    }
    if (node.has("model")) {
      unknown("space.", node, Set.of("model"));
      return text("space.model", node.path("model")).map(SpaceChoice.Model::new);
    }
    return Optional.of(new SpaceChoice.Defined(node.path("name").asText(), node.toString()));
  }

  private static List<Goal> goals(JsonNode node) {
    List<Goal> goals = new ArrayList<>();
    for (int i = 0; i < list("objectives", node).size(); i++) {
      String field = "objectives[" + i + "]";
      JsonNode one = node.get(i);
      require(
          one.isObject() && one.has("maximize") != one.has("minimize"),
          field,
          "must have either 'maximize' or 'minimize', for example {\"maximize\": \"accuracy\"}.");
      unknown(field + ".", one, Set.of("maximize", "minimize", "latency", "target", "hard"));
      String side = one.has("maximize") ? "maximize" : "minimize";
      Map<String, Object> finer = map(field, one);
      finer.remove(side);
      goals.add(
          new Goal(
              metric(field + "." + side, one.get(side)),
              side.equals("maximize") ? Direction.MAXIMIZE : Direction.MINIMIZE,
              finer));
    }
    return goals;
  }

  private static List<Limit> limits(JsonNode node, List<String> devices) {
    if (node.isObject()) {
      return olderLimits(node, devices);
    }
    List<Limit> limits = new ArrayList<>();
    for (int i = 0; i < list("constraints", node).size(); i++) {
      String field = "constraints[" + i + "]";
      JsonNode one = node.get(i);
      require(
          one.isObject() && one.has("metric") && (one.has("atMost") || one.has("atLeast")),
          field,
          "must have 'metric' and 'atMost' or 'atLeast', for example {\"metric\": \"bytes\", \"atMost\": 1000000}.");
      unknown(field + ".", one, Set.of("metric", "atMost", "atLeast"));
      Limit limit =
          new Limit(
              metric(field + ".metric", one.get("metric")),
              number(field + ".atMost", one.path("atMost")),
              number(field + ".atLeast", one.path("atLeast")));
      boolean share =
          Set.of("accuracy", "balanced-accuracy", "agreement", "miou")
              .contains(limit.metric().symbol());
      for (OptionalDouble bound : List.of(limit.atMost(), limit.atLeast())) {
        require(
            !share || bound.isEmpty() || (bound.getAsDouble() >= 0 && bound.getAsDouble() <= 1),
            field,
            "of %s is %s, must be 0 to 1. Maybe divide percent by 100."
                .formatted(limit.metric(), bound.orElse(0)));
      }
      limits.add(limit);
    }
    return limits;
  }

  private static List<Limit> olderLimits(JsonNode node, List<String> devices) {
    unknown("constraints.", node, Set.of("maxLatencyMillis", "maxBytes", "minAccuracy"));
    List<Limit> limits = new ArrayList<>();
    OptionalDouble latency = number("constraints.maxLatencyMillis", node.path("maxLatencyMillis"));
    OptionalDouble bytes = number("constraints.maxBytes", node.path("maxBytes"));
    OptionalDouble accuracy = number("constraints.minAccuracy", node.path("minAccuracy"));
    require(
        latency.orElse(1) > 0, "constraints.maxLatencyMillis", "must be above 0, not " + latency);
    require(bytes.orElse(1) > 0, "constraints.maxBytes", "must be above 0, not " + bytes);
    require(
        accuracy.orElse(0) >= 0 && accuracy.orElse(0) <= 1,
        "constraints.minAccuracy",
        "must be 0 to 1, not %s. Maybe divide percent by 100.".formatted(accuracy.orElse(0)));
    if (latency.isPresent()) {
      limits.add(
          new Limit(
              new Metric(Quantity.LATENCY.symbol(), devices.stream().findFirst()),
              latency,
              OptionalDouble.empty()));
    }
    if (bytes.isPresent()) {
      limits.add(new Limit(Metric.of(Quantity.BYTES), bytes, OptionalDouble.empty()));
    }
    if (accuracy.isPresent()) {
      limits.add(new Limit(Metric.of(Quantity.ACCURACY), OptionalDouble.empty(), accuracy));
    }
    return limits;
  }

  private static Optional<MethodChoice> method(JsonNode node) {
    if (absent(node)) {
      return Optional.empty();
    }
    if (node.isTextual()) {
      return Optional.of(new MethodChoice(node.asText(), Map.of()));
    }
    require(
        node.isObject() && node.path("name").isTextual(),
        "method",
        "must be a name or an object with 'name', for example {\"name\": \"nsga2\"}.");
    Map<String, Object> settings = map("method", node);
    settings.remove("name");
    return Optional.of(new MethodChoice(node.path("name").asText(), settings));
  }

  private static Budget budget(JsonNode root) {
    JsonNode node = root.path("budget");
    require(absent(node) || node.isObject(), "budget", "must be an object.");
    unknown("budget.", node, Set.of("minutes", "evaluations", "stagnation", "spentSeconds"));
    boolean inside = node.has("minutes");
    String field = inside ? "budget.minutes" : "minutes";
    OptionalDouble minutes = number(field, inside ? node.path("minutes") : root.path("minutes"));
    require(
        minutes.orElse(1) > 0 && minutes.orElse(1) <= MAX_MINUTES,
        field,
        "must be above 0 and at most 20160 (two weeks), not " + minutes.orElse(0) + ".");
    OptionalLong evaluations = whole("budget.evaluations", node.path("evaluations"), 1);
    OptionalLong stagnation = whole("budget.stagnation", node.path("stagnation"), 0);
    require(
        evaluations.orElse(1) <= 10_000_000 && stagnation.orElse(0) <= 10_000_000,
        "budget",
        "may have up to 10000000 evaluations.");
    OptionalDouble spent = number("budget.spentSeconds", node.path("spentSeconds"));
    require(
        spent.orElse(0) >= 0,
        "budget.spentSeconds",
        "must be 0 or more, not " + spent.orElse(0) + ".");
    return new Budget(
        minutes,
        evaluations.isPresent()
            ? OptionalInt.of((int) evaluations.getAsLong())
            : OptionalInt.empty(),
        (int) stagnation.orElse(0),
        spent.orElse(0));
  }

  /** Writes a request; what is left open is left out. */
  public static String write(SearchRequest request) {
    return tree(request).toString();
  }

  /** As {@link #write}, as a tree. */
  public static ObjectNode tree(SearchRequest request) {
    ObjectNode root = JSON.createObjectNode();
    request.name().ifPresent(name -> root.put("name", name));
    root.put("seed", request.seed());
    root.put("data", request.data());
    request.score().ifPresent(score -> root.put("score", score));
    request.space().ifPresent(space -> root.set("space", tree(space)));
    texts(root, "devices", request.devices());
    if (!request.objectives().isEmpty()) {
      ArrayNode goals = root.putArray("objectives");
      for (Goal goal : request.objectives()) {
        ObjectNode one = goals.addObject();
        one.put(
            goal.direction() == Direction.MAXIMIZE ? "maximize" : "minimize", goal.metric().name());
        goal.parameters().forEach((name, value) -> one.set(name, JSON.valueToTree(value)));
      }
    }
    if (!request.constraints().isEmpty()) {
      ArrayNode limits = root.putArray("constraints");
      for (Limit limit : request.constraints()) {
        ObjectNode one = limits.addObject().put("metric", limit.metric().name());
        limit.atMost().ifPresent(bound -> one.put("atMost", bound));
        limit.atLeast().ifPresent(bound -> one.put("atLeast", bound));
      }
    }
    request
        .method()
        .ifPresent(
            method -> {
              ObjectNode one = root.putObject("method").put("name", method.name());
              method.settings().forEach((name, value) -> one.set(name, JSON.valueToTree(value)));
            });
    texts(root, "forms", request.forms());
    ObjectNode budget = JSON.createObjectNode();
    request.budget().minutes().ifPresent(minutes -> budget.put("minutes", minutes));
    request.budget().evaluations().ifPresent(most -> budget.put("evaluations", most));
    if (request.budget().stagnation() > 0) {
      budget.put("stagnation", request.budget().stagnation());
    }
    if (request.budget().spentSeconds() > 0) {
      budget.put("spentSeconds", request.budget().spentSeconds());
    }
    if (!budget.isEmpty()) {
      root.set("budget", budget);
    }
    request.warmStart().ifPresent(of -> root.putObject("warmStart").put("search", of));
    request.replay().ifPresent(of -> root.put("replay", of));
    if (!request.settings().isEmpty()) {
      root.set("settings", JSON.valueToTree(request.settings()));
    }
    return root;
  }

  private static JsonNode tree(SpaceChoice space) {
    return switch (space) {
      case SpaceChoice.Named(String name) -> JSON.getNodeFactory().textNode(name);
      case SpaceChoice.Defined(String ignored, String json) -> parsed(json);
      case SpaceChoice.Table(String name) -> JSON.createObjectNode().put("table", name);
      case SpaceChoice.Model model -> JSON.createObjectNode().put("model", model.reference());
    };
  }

  private static JsonNode parsed(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the space is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static void texts(ObjectNode root, String field, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode list = root.putArray(field);
      values.forEach(list::add);
    }
  }

  private static boolean absent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private static void require(boolean condition, String field, String problem) {
    if (!condition) {
      throw new InvalidSearch(field, field + " " + problem);
    }
  }

  private static void unknown(String before, JsonNode node, Set<String> known) {
    node.fieldNames()
        .forEachRemaining(
            name -> {
              if (!known.contains(name)) {
                throw new InvalidSearch(
                    before + name,
                    "there is no field '%s'. Maybe one of %s."
                        .formatted(before + name, known.stream().sorted().toList()));
              }
            });
  }

  private static JsonNode list(String field, JsonNode node) {
    require(
        absent(node) || (node.isArray() && node.size() <= MOST),
        field,
        "must be a list of up to %d, not %s.".formatted(MOST, node));
    return absent(node) ? JSON.createArrayNode() : node;
  }

  private static List<String> texts(String field, JsonNode node) {
    List<String> texts = new ArrayList<>();
    for (JsonNode one : list(field, node)) {
      require(
          one.isTextual() && !one.asText().isBlank() && !texts.contains(one.asText()),
          field,
          "must be a list of different names, not " + node + ".");
      texts.add(one.asText());
    }
    return texts;
  }

  private static Optional<String> text(String field, JsonNode node) {
    require(
        absent(node) || (node.isTextual() && node.asText().indexOf('\0') < 0),
        field,
        "must be a text, not " + node + ".");
    return absent(node) ? Optional.empty() : Optional.of(node.asText());
  }

  private static OptionalLong whole(String field, JsonNode node, long least) {
    if (absent(node)) {
      return OptionalLong.empty();
    }
    require(
        node.isIntegralNumber() && node.canConvertToLong() && node.asLong() >= least,
        field,
        "is %s; it must be a whole number%s."
            .formatted(node, least == Long.MIN_VALUE ? "" : " from " + least));
    return OptionalLong.of(node.asLong());
  }

  private static OptionalDouble number(String field, JsonNode node) {
    if (absent(node)) {
      return OptionalDouble.empty();
    }
    require(
        node.isNumber() && Double.isFinite(node.asDouble()),
        field,
        "is %s; it must be a number.".formatted(node));
    return OptionalDouble.of(node.asDouble());
  }

  private static Metric metric(String field, JsonNode node) {
    require(node.isTextual(), field, "must name a metric, not " + node + ".");
    try {
      return Metric.of(node.asText());
    } catch (IllegalArgumentException e) {
      throw new InvalidSearch(field, e.getMessage());
    }
  }

  private static Map<String, Object> map(String field, JsonNode node) {
    require(absent(node) || node.isObject(), field, "must be an object, not " + node + ".");
    return absent(node) ? new LinkedHashMap<>() : JSON.convertValue(node, MAP);
  }
}
