package dev.lathe.bench.payoff;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.lathe.farm.Sha256;
import dev.lathe.farm.ort.MachineFacts;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is compared.
 *
 * @param data as the request of a search names it
 * @param minutes for the search, and for each rival
 * @param points networks of each rival
 * @param seed of the search
 * @param rivalsSeed of the rivals and their data
 * @param space name or YAML file; the one for the images' size if null
 * @param finer settings of the search; limits on the number of images hold for the rivals, too
 */
record Setup(
    String data,
    double minutes,
    int points,
    long seed,
    long rivalsSeed,
    @Nullable String space,
    Map<String, Object> finer) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
  private static final int DIGEST = 12;

  /** At most so many images; 0 for all. */
  int limit(String name) {
    return finer.get(name) instanceof Integer number ? number : 0;
  }

  /** This machine, as far as results depend on it. */
  static String machine() {
    return "%s × %d, %s"
        .formatted(
            MachineFacts.processor(),
            Runtime.getRuntime().availableProcessors(),
            MachineFacts.host());
  }

  /** A short name of settings for a folder. */
  static String key(Object settings) throws IOException {
    return Sha256.of(JSON.writeValueAsBytes(settings)).substring(0, DIGEST);
  }
}
