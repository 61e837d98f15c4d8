package dev.lathe.space.mobile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.lathe.graph.Activation;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;

/** Reads a {@link MobileSpec} from YAML or JSON, naming the field that is wrong. */
public final class MobileSpecReader {
  private static final int MAX_CHANNELS = 4096;
  private static final int MAX_SIDE = 1024;

  private MobileSpecReader() {}

  /** The names of the spaces that come with Lathe. */
  public static List<String> builtinNames() {
    return List.of("mobile-28", "mobile-32", "mobile-224");
  }

  /** The space that comes with Lathe under a name, for example {@code mobile-28}. */
  public static MobileSpec builtin(String name) {
    String resource = name + ".yaml";
    try (InputStream in = MobileSpecReader.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new SpecException(
            "there is no built-in search space '%s'. Maybe one of %s, or a file."
                .formatted(name, builtinNames()));
      }
      return read(new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /**
   * The space that comes with Lathe for images of a size, at that size.
   *
   * @param side of the images in pixels
   */
  public static MobileSpec forImages(int channels, int side) {
    MobileSpec nearest =
        builtin(side <= 30 ? "mobile-28" : side <= 80 ? "mobile-32" : "mobile-224");
    return nearest.withResolutions(List.of(side)).withChannels(channels);
  }

  /**
   * Reads a description.
   *
   * @param text YAML, of which JSON is a part
   * @throws SpecException naming the wrong field and its value
   */
  public static MobileSpec read(String text) {
    JsonNode root;
    try {
      root = new YAMLMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new SpecException(
          "the search space is not valid YAML at line %d: %s"
              .formatted(
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                  e.getOriginalMessage()));
    }
    Fields fields = new Fields("", root);
    fields.only("name", "input", "stem", "stages", "head");
    Fields input = fields.object("input");
    input.only("channels", "resolution");
    Fields stem = fields.object("stem");
    stem.only("width", "kernel", "stride", "activation");
    Fields head = fields.object("head");
    head.only("width", "activation");
    MobileSpec spec =
        new MobileSpec(
            fields.text("name", "mobile"),
            input.integer("channels", 1, 64, 3),
            input.integers("resolution", 8, MAX_SIDE, null),
            new MobileSpec.Stem(
                stem.integer("width", 1, MAX_CHANNELS, null),
                odd(stem, "kernel", stem.integer("kernel", 1, 11, 3)),
                stem.integer("stride", 1, 4, 2),
                activation(stem, "activation")),
            fields.objects("stages").stream().map(MobileSpecReader::stage).toList(),
            head.integer("width", 1, MAX_CHANNELS, null),
            activation(head, "activation"));
    int stride = spec.stem().stride();
    for (MobileSpec.Stage stage : spec.stages()) {
      stride *= stage.stride();
    }
    for (int resolution : spec.resolutions()) {
      if (resolution < stride) {
        throw new SpecException(
            "input.resolution: %d is smaller than the product of all strides, %d. Maybe lower a stride."
                .formatted(resolution, stride));
      }
    }
    return spec;
  }

  private static MobileSpec.Stage stage(Fields stage) {
    stage.only("width", "depth", "stride", "kernel", "expansion", "squeezeExcite", "activation");
    List<Integer> kernels = stage.integers("kernel", 1, 11, List.of(3));
    kernels.forEach(kernel -> odd(stage, "kernel", kernel));
    return new MobileSpec.Stage(
        stage.integers("width", 1, MAX_CHANNELS, null),
        stage.integers("depth", 1, 32, List.of(1)),
        stage.integer("stride", 1, 4, 1),
        kernels,
        stage.integers("expansion", 1, 16, null),
        stage.booleans("squeezeExcite", List.of(false)),
        stage.texts("activation", List.of("relu")).stream()
            .map(label -> parse(stage, "activation", label))
            .toList());
  }

  private static Activation activation(Fields fields, String name) {
    return parse(fields, name, fields.text(name, "relu"));
  }

  private static Activation parse(Fields fields, String name, String label) {
    try {
      return Activation.of(label);
    } catch (IllegalArgumentException e) {
      throw new SpecException(fields.path(name) + ": " + e.getMessage());
    }
  }

  private static int odd(Fields fields, String name, int kernel) {
    if (kernel % 2 == 0) {
      throw new SpecException(
          "%s: %d is even, kernels are odd. Maybe %d."
              .formatted(fields.path(name), kernel, kernel + 1));
    }
    return kernel;
  }

  /** An object of the file, with its path for messages. */
  private record Fields(String prefix, JsonNode node) {
    String path(String name) {
      return prefix.isEmpty() ? name : prefix + "." + name;
    }

    void only(String... known) {
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

    Fields object(String name) {
      return new Fields(path(name), node.path(name));
    }

    List<Fields> objects(String name) {
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

    int integer(
        String name, int least, int most, @org.jspecify.annotations.Nullable Integer otherwise) {
      JsonNode value = node.path(name);
      if (value.isMissingNode() && otherwise != null) {
        return otherwise;
      }
      return checked(path(name), value, least, most);
    }

    List<Integer> integers(
        String name,
        int least,
        int most,
        @org.jspecify.annotations.Nullable List<Integer> otherwise) {
      return list(name, otherwise, (path, value) -> checked(path, value, least, most));
    }

    List<Boolean> booleans(String name, List<Boolean> otherwise) {
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

    List<String> texts(String name, List<String> otherwise) {
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

    String text(String name, String otherwise) {
      JsonNode value = node.path(name);
      if (value.isMissingNode()) {
        return otherwise;
      }
      if (!value.isTextual()) {
        throw new SpecException("%s: %s must be text.".formatted(path(name), value));
      }
      return value.textValue();
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
}
