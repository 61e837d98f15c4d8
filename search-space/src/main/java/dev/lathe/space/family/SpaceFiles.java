package dev.lathe.space.family;

import dev.lathe.space.SpaceSpec;
import dev.lathe.space.file.Fields;
import dev.lathe.space.file.SpecException;
import dev.lathe.space.mobile.MobileSpecReader;
import dev.lathe.space.transformer.TransformerSpecFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Space files of all families: those that come with Lathe, and those that users write. */
public final class SpaceFiles {
  private static final String MOBILE = "mobile";

  private static final Map<String, Function<Fields, SpaceSpec>> FAMILIES = new LinkedHashMap<>();

  static {
    FAMILIES.put(MOBILE, MobileSpecReader::read);
    FAMILIES.put(TransformerSpecFile.FAMILY, TransformerSpecFile::read);
  }

  private static final List<String> BUILTIN =
      List.of(
          "plain-28",
          "plain-32",
          "strided-28",
          "strided-32",
          "mobile-28",
          "mobile-32",
          "mobile-224",
          "strided-64",
          "strided-224",
          "residual-32",
          "residual-64",
          "hybrid-32",
          "vit-32",
          "deit-224");

  private SpaceFiles() {}

  /** The names of the spaces that come with Lathe. */
  public static List<String> builtinNames() {
    return BUILTIN;
  }

  /**
   * The space that comes with Lathe under a name, for example {@code mobile-28}.
   *
   * @throws SpecException naming those that do
   */
  public static SpaceSpec builtin(String name) {
    if (!BUILTIN.contains(name)) {
      throw new SpecException(
          "there is no built-in search space '%s'. Maybe one of %s, or a file."
              .formatted(name, BUILTIN));
    }
    try (InputStream in = SpaceFiles.class.getResourceAsStream(name + ".yaml")) {
      return read(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The space that comes with Lathe for images of a size, at that size: of dense convolutions,
   * which are trained two to four times as fast as depthwise ones and are level or ahead at equal
   * latency on processors with matrix units.
   *
   * @param side of the images in pixels
   */
  public static SpaceSpec forImages(int channels, int side) {
    return at(
        side <= 30
            ? "plain-28"
            : side <= 48 ? "plain-32" : side <= 80 ? "strided-64" : "strided-224",
        channels,
        side);
  }

  /** Likewise a space of depthwise convolutions, which some methods need. */
  public static SpaceSpec mobileForImages(int channels, int side) {
    return at(side <= 30 ? "mobile-28" : side <= 80 ? "mobile-32" : "mobile-224", channels, side);
  }

  private static SpaceSpec at(String name, int channels, int side) {
    return builtin(name).withResolutions(List.of(side)).withChannels(channels);
  }

  /**
   * Reads a description.
   *
   * @param text YAML, of which JSON is a part; its field {@code family} says which other fields
   *     there are
   * @throws SpecException naming the wrong field and its value
   */
  public static SpaceSpec read(String text) {
    Fields fields = Fields.parse(text);
    String family = fields.text("family", MOBILE);
    Function<Fields, SpaceSpec> reader = FAMILIES.get(family);
    if (reader == null) {
      throw new SpecException(
          "family: '%s' is not known. Maybe one of %s.".formatted(family, FAMILIES.keySet()));
    }
    return reader.apply(fields);
  }
}
