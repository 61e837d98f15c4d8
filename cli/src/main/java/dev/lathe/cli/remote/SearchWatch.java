package dev.lathe.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.cli.client.ServiceClient;
import dev.lathe.cli.client.ServiceRefusal;
import java.io.Console;
import java.io.IOException;
import java.io.PrintStream;

/**
 * Follows a search or a calibration: a line that is drawn over on a terminal, a line for each news
 * elsewhere.
 */
final class SearchWatch {
  private static final long POLL_MILLIS = 500;
  private static final long PLAIN_NANOS = 10_000_000_000L;
  private static final int PATIENCE = 60;

  private final ServiceClient client;
  private final PrintStream out;
  private final boolean terminal;
  private String toldStage = "";
  private long toldAt;

  SearchWatch(ServiceClient client, PrintStream out) {
    this.client = client;
    this.out = out;
    Console console = System.console();
    this.terminal = console != null && console.isTerminal();
  }

  /**
   * Follows a search until nothing more happens by itself; a service that is away for half a minute
   * is waited for.
   *
   * @return 0 if it is finished, 1 otherwise
   */
  int follow(String id) throws IOException {
    return follow(
        "searches/" + id, "search " + id, "is finished: ./lathe search front %s".formatted(id));
  }

  /**
   * Follows what has a state, a fraction and a message.
   *
   * @param path below {@code /api/v1}
   * @param name for people
   * @param finished what is told after the name at the end
   * @return 0 if it is finished, 1 otherwise
   */
  int follow(String path, String name, String finished) throws IOException {
    int failures = 0;
    while (true) {
      try {
        JsonNode search = client.get(path);
        failures = 0;
        tell(search);
        switch (search.path("state").asText()) {
          case "finished" -> {
            return end(name + " " + finished, 0);
          }
          case "failed" -> {
            return end("%s failed: %s".formatted(name, search.path("error").asText()), 1);
          }
          case "cancelled", "paused" -> {
            return end("%s is %s".formatted(name, search.path("state").asText()), 1);
          }
          default -> {}
        }
      } catch (ServiceRefusal e) {
        throw e;
      } catch (IOException e) {
        if (++failures > PATIENCE) {
          throw e;
        }
      }
      pause();
    }
  }

  private void tell(JsonNode search) {
    String stage = search.path("stage").asText();
    String line =
        "%3.0f %%  %-12s %s"
            .formatted(
                100 * search.path("fraction").asDouble(), stage, search.path("message").asText());
    if (terminal) {
      out.print("\r\033[K" + line.substring(0, Math.min(line.length(), 118)));
      out.flush();
    } else if (!stage.equals(toldStage) || System.nanoTime() - toldAt > PLAIN_NANOS) {
      out.println(line);
      toldStage = stage;
      toldAt = System.nanoTime();
    }
  }

  private int end(String line, int code) {
    out.println((terminal ? "\n" : "") + line);
    return code;
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
