package dev.lathe.space.file;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/** An object of the file, with its path for messages. */
public record Fields(String prefix, JsonNode node) {
  /**
   * The fields of a file.
   *
   * @param text YAML, of which JSON is a part
   * @throws SpecException if it is neither
   */
  public static Fields parse(String text) {
    try {
      return new Fields("", new YAMLMapper().readTree(text));
    } catch (JsonProcessingException e) {
      throw new SpecException(
          "the search space is not valid YAML at line %d: %s"
              .formatted(
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                  e.getOriginalMessage()));
    }
  }

  /** The path of a field. */
  public String path(String name) {
    return prefix.isEmpty() ? name : prefix + "." + name;
  }

  /** Refuses fields of other names. */
  public void only(String... known) {
    if (!node.isObject()) {
      throw new SpecException(
          "%s must be an object with fields %s."
              .formatted(prefix.isEmpty() ? "the search space" : prefix, List.of(known)));
    }
    Iterator<String> names = node.fieldNames();
    while (names.hasNext()) {
      String name = names.next();
      if (!List.of(known).contains(name)) {
        throw new SpecException(
            "%s is not known. Maybe one of %s.".formatted(path(name), List.of(known)));
      }
    }
  }

  /** The object in a field. */
  public Fields object(String name) {
    return new Fields(path(name), node.path(name));
  }

  /** The objects of a list. */
  public List<Fields> objects(String name) {
    JsonNode list = node.path(name);
    if (!list.isArray() || list.isEmpty()) {
      throw new SpecException("%s must be a list with at least one entry.".formatted(path(name)));
    }
    List<Fields> objects = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      objects.add(new Fields(path(name) + "[" + i + "]", list.get(i)));
    }
    return objects;
  }

  /** A whole number. */
  public int integer(
      String name, int least, int most, @org.jspecify.annotations.Nullable Integer otherwise) {
    JsonNode value = node.path(name);
    if (value.isMissingNode() && otherwise != null) {
      return otherwise;
    }
    return checked(path(name), value, least, most);
  }

  /** A whole number, or a list of such. */
  public List<Integer> integers(
      String name,
      int least,
      int most,
      @org.jspecify.annotations.Nullable List<Integer> otherwise) {
    return list(name, otherwise, (path, value) -> checked(path, value, least, most));
  }

  /** True or false, or both. */
  public List<Boolean> booleans(String name, List<Boolean> otherwise) {
    return list(
        name,
        otherwise,
        (path, value) -> {
          if (!value.isBoolean()) {
            throw new SpecException("%s: %s must be true or false.".formatted(path, value));
          }
          return value.booleanValue();
        });
  }

  /** A text, or a list of such. */
  public List<String> texts(String name, List<String> otherwise) {
    return list(
        name,
        otherwise,
        (path, value) -> {
          if (!value.isTextual()) {
            throw new SpecException("%s: %s must be text.".formatted(path, value));
          }
          return value.textValue();
        });
  }

  /** A text. */
  public String text(String name, String otherwise) {
    JsonNode value = node.path(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isTextual()) {
      throw new SpecException("%s: %s must be text.".formatted(path(name), value));
    }
    return value.textValue();
  }

  /** A number, or a list of such. */
  public List<Double> numbers(
      String name,
      double least,
      double most,
      @org.jspecify.annotations.Nullable List<Double> otherwise) {
    return list(
        name,
        otherwise,
        (path, value) -> {
          if (!value.isNumber() || value.doubleValue() < least || value.doubleValue() > most) {
            throw new SpecException(
                "%s: %s must be a number from %s to %s.".formatted(path, value, least, most));
          }
          return value.doubleValue();
        });
  }

  /** True or false. */
  public boolean truth(String name, boolean otherwise) {
    List<Boolean> values = booleans(name, List.of(otherwise));
    if (values.size() != 1) {
      throw new SpecException("%s must be true or false.".formatted(path(name)));
    }
    return values.getFirst();
  }

  /** Whether there is a field. */
  public boolean has(String name) {
    return node.has(name);
  }

  private <T> List<T> list(
      String name,
      @org.jspecify.annotations.Nullable List<T> otherwise,
      BiFunction<String, JsonNode, T> read) {
    JsonNode value = node.path(name);
    if (value.isMissingNode() && otherwise != null) {
      return otherwise;
    }
    if (!value.isArray()) {
      return List.of(read.apply(path(name), value));
    }
    List<T> values = new ArrayList<>();
    Set<T> seen = new HashSet<>();
    for (int i = 0; i < value.size(); i++) {
      String path = path(name) + "[" + i + "]";
      T read1 = read.apply(path, value.get(i));
      if (!seen.add(read1)) {
        throw new SpecException("%s: %s stands twice.".formatted(path, read1));
      }
      values.add(read1);
    }
    if (values.isEmpty()) {
      throw new SpecException("%s must not be empty.".formatted(path(name)));
    }
    return values;
  }

  private static int checked(String path, JsonNode value, int least, int most) {
    if (value instanceof MissingNode) {
      throw new SpecException("%s is missing.".formatted(path));
    }
    if (!value.isIntegralNumber() || value.longValue() < least || value.longValue() > most) {
      throw new SpecException(
          "%s: %s must be a whole number from %d to %d.".formatted(path, value, least, most));
    }
    return value.intValue();
  }
}
