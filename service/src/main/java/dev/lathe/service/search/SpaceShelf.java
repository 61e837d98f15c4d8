package dev.lathe.service.search;

import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import dev.lathe.runs.SpaceCatalog;
import dev.lathe.runs.SpaceDefinition;
import dev.lathe.service.store.SpaceRow;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The search spaces that can be named: built-in ones, and those that users stored. */
@ApplicationScoped
public class SpaceShelf {
  private final Instance<SpaceCatalog> catalog;
  private final InstantSource clock;

  SpaceShelf(Instance<SpaceCatalog> catalog, InstantSource clock) {
    this.catalog = catalog;
    this.clock = clock;
  }

  /** All spaces, the built-in ones first. */
  public List<SpaceDefinition> all() {
    List<SpaceDefinition> spaces = new ArrayList<>(builtIn());
    spaces.addAll(
        Transactions.call(
            () ->
                SpaceRow.<SpaceRow>list("order by name").stream()
                    .map(
                        row ->
                            new SpaceDefinition(
                                row.name, row.description, row.definition, row.size, row.genes))
                    .toList()));
    return List.copyOf(spaces);
  }

  /**
   * Stores a user's space, in place of one of the same name.
   *
   * @throws InvalidSearch naming the field that is wrong
   */
  public SpaceDefinition add(String json) {
    SpaceDefinition space = read(json);
    if (builtIn().stream().anyMatch(known -> known.name().equals(space.name()))) {
      throw new InvalidSearch(
          "name", "'%s' is a built-in space. Maybe choose another name.".formatted(space.name()));
    }
    Transactions.run(
        () -> {
          SpaceRow row = SpaceRow.find("name", space.name()).firstResult();
          boolean fresh = row == null;
          row = fresh ? new SpaceRow() : row;
          row.name = space.name();
          row.description = space.description();
          row.definition = space.json();
          row.size = space.size();
          row.genes = space.genes();
          row.createdAt = clock.instant();
          if (fresh) {
            row.persist();
          }
        });
    return space;
  }

  /**
   * A request whose space is either built in or written out.
   *
   * @throws InvalidSearch if there is none of that name, or the definition is wrong
   */
  SearchRequest resolve(SearchRequest request) {
    return request.withSpace(request.space().map(this::resolve));
  }

  private SpaceChoice resolve(SpaceChoice space) {
    return switch (space) {
      case SpaceChoice.Defined(String ignored, String json) -> {
        SpaceDefinition definition = read(json);
        yield new SpaceChoice.Defined(definition.name(), definition.json());
      }
      case SpaceChoice.Named(String name) -> named(name);
      case SpaceChoice.Table table -> table;
      case SpaceChoice.Model model -> model;
    };
  }

  private SpaceChoice named(String name) {
    if (builtIn().stream().anyMatch(known -> known.name().equals(name))) {
      return new SpaceChoice.Named(name);
    }
    SpaceRow row = Transactions.call(() -> SpaceRow.find("name", name).firstResult());
    if (row == null) {
      throw new InvalidSearch(
          "space",
          "there is no search space '%s', only %s. Maybe POST its definition to /api/v1/spaces first."
              .formatted(name, all().stream().map(SpaceDefinition::name).toList()));
    }
    return new SpaceChoice.Defined(name, row.definition);
  }

  /** Removes a space that a user stored; whether there was one. Built-in ones stay. */
  public boolean remove(String name) {
    return Transactions.call(() -> SpaceRow.delete("name", name) > 0);
  }

  /** The definition of a space that a user stored; empty for built-in ones and unknown names. */
  Optional<String> stored(String name) {
    return Transactions.call(
        () ->
            SpaceRow.<SpaceRow>find("name", name).firstResultOptional().map(row -> row.definition));
  }

  private SpaceDefinition read(String json) {
    if (catalog.isUnsatisfied()) {
      throw new InvalidSearch("space", "this service reads no search spaces.");
    }
    return catalog.get().read(json);
  }

  private List<SpaceDefinition> builtIn() {
    return catalog.isUnsatisfied() ? List.of() : catalog.get().builtIn();
  }
}
