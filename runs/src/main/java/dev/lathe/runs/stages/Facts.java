package dev.lathe.runs.stages;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import dev.lathe.runs.RunStore;
import java.util.Optional;
import java.util.function.Supplier;

/** Values noted in a search's store: what was decided or measured once holds after a restart. */
record Facts(RunStore store) {
  static final ObjectMapper JSON = JsonMapper.builder().addModule(new Jdk8Module()).build();

  <T> Optional<T> get(String key, Class<T> type) {
    return store.fact(key).map(json -> read(key, json, type));
  }

  /** The value noted under a key; decided now and noted if there is none. */
  <T> T once(String key, Class<T> type, Supplier<T> decide) {
    return get(key, type)
        .orElseGet(
            () -> {
              T value = decide.get();
              put(key, value);
              return value;
            });
  }

  void put(String key, Object value) {
    store.fact(key, write(value));
  }

  static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write " + value.getClass(), e);
    }
  }

  static <T> T read(String key, String json, Class<T> type) {
    try {
      return JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("fact '%s' cannot be read: %s".formatted(key, json), e);
    }
  }
}
