package dev.lathe.runs.stages;

import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SpaceCatalog;
import dev.lathe.runs.SpaceDefinition;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpec;
import dev.lathe.space.mobile.MobileSpecReader;
import dev.lathe.space.mobile.MobileSpecWriter;
import dev.lathe.space.mobile.SpecException;
import java.util.List;

/** The mobile search spaces: built-in ones and those that users write. */
public final class Spaces implements SpaceCatalog {
  private static final int USUAL_CLASSES = 10;

  @Override
  public List<SpaceDefinition> builtIn() {
    return MobileSpecReader.builtinNames().stream()
        .map(MobileSpecReader::builtin)
        .map(spec -> definition(new MobileSpace(spec, USUAL_CLASSES)))
        .toList();
  }

  @Override
  public SpaceDefinition read(String text) throws InvalidSearch {
    try {
      return definition(new MobileSpace(MobileSpecReader.read(text), USUAL_CLASSES));
    } catch (SpecException e) {
      throw new InvalidSearch("space", e.getMessage());
    }
  }

  static SpaceDefinition definition(MobileSpace space) {
    MobileSpec spec = space.spec();
    return new SpaceDefinition(
        spec.name(),
        "%d stages of inverted residual blocks, %s pixels"
            .formatted(spec.stages().size(), spec.resolutions()),
        MobileSpecWriter.write(spec),
        space.size().toString(),
        space.genes().size());
  }
}
