package dev.lathe.cli.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.cli.client.ServiceClient;
import dev.lathe.cli.client.ServiceRefusal;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The searches of a home that were begun, or stand in its queue, and are not over. */
final class Unfinished {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> OVER = Set.of("finished", "failed", "cancelled");
  private static final int PAGE = 200;
  private static final long POLL_MILLIS = 200;

  private final ServiceClient client;
  private final List<JsonNode> searches;

  private Unfinished(ServiceClient client, List<JsonNode> searches) {
    this.client = client;
    this.searches = searches;
  }

  /** Those among the newest searches of a service. */
  static Unfinished of(ServiceClient client) throws IOException {
    List<JsonNode> searches = new ArrayList<>();
    for (JsonNode search : client.get("searches?page=0&size=" + PAGE).path("items")) {
      if (!OVER.contains(search.path("state").asText())) {
        searches.add(search);
      }
    }
    return new Unfinished(client, searches);
  }

  /**
   * The newest that was asked for in the same words.
   *
   * @param request with everything decided
   */
  Optional<JsonNode> like(JsonNode request) {
    return searches.stream()
        .filter(search -> asked(search.path("request")).equals(asked(request)))
        .findFirst();
  }

  /** What was asked for, without what depends on the moment. */
  private static JsonNode asked(JsonNode request) {
    JsonNode asked = request.deepCopy();
    if (asked.path("budget") instanceof ObjectNode budget) {
      budget.remove("spentSeconds");
    }
    return asked;
  }

  /** Lets it go on if someone paused it; the others go on by themselves. */
  void resume(JsonNode search) throws IOException {
    String state = search.path("state").asText();
    String path = "searches/" + search.path("id").asText();
    while (state.equals("pausing")) {
      LocalLathe.pause(POLL_MILLIS);
      state = client.get(path).path("state").asText();
    }
    if (state.equals("paused")) {
      steer(search, "resume");
    }
  }

  /** Ends it for good. */
  void cancel(JsonNode search) throws IOException {
    steer(search, "cancel");
  }

  /** Pauses all but one, so that this one has the machine, and says so. */
  void pauseOthers(String id, PrintStream out) throws IOException {
    for (JsonNode search : searches) {
      String other = search.path("id").asText();
      if (other.equals(id) || search.path("state").asText().startsWith("paus")) {
        continue;
      }
      try {
        steer(search, "pause");
        out.printf(
            "search %s (%s, %.0f %%) was not finished and is paused: it goes on with the command that began it, or with ./lathe serve and ./lathe search resume %s%n",
            other, search.path("name").asText(), 100 * search.path("fraction").asDouble(), other);
      } catch (ServiceRefusal e) {
        // A study: those who ask it carry it out, it has no machine.
      }
    }
  }

  private void steer(JsonNode search, String action) throws IOException {
    client.post(
        "searches/%s/%s".formatted(search.path("id").asText(), action), JSON.createObjectNode());
  }
}
