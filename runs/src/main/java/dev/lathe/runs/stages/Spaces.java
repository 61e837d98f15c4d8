package dev.lathe.runs.stages;

import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SpaceCatalog;
import dev.lathe.runs.SpaceDefinition;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.SpaceSpec;
import dev.lathe.space.family.SpaceFiles;
import dev.lathe.space.file.SpecException;
import java.util.List;

/** The search spaces: built-in ones and those that users write. */
public final class Spaces implements SpaceCatalog {
  private static final int USUAL_CLASSES = 10;

  @Override
  public List<SpaceDefinition> builtIn() {
    return SpaceFiles.builtinNames().stream()
        .map(SpaceFiles::builtin)
        .map(spec -> definition(spec, spec.space(USUAL_CLASSES)))
        .toList();
  }

  @Override
  public SpaceDefinition read(String text) throws InvalidSearch {
    try {
      SpaceSpec spec = SpaceFiles.read(text);
      return definition(spec, spec.space(USUAL_CLASSES));
    } catch (SpecException e) {
      throw new InvalidSearch("space", e.getMessage());
    }
  }

  static SpaceDefinition definition(SpaceSpec spec, NetworkSpace space) {
    return new SpaceDefinition(
        spec.name(), spec.summary(), spec.json(), space.size().toString(), space.genes().size());
  }
}
