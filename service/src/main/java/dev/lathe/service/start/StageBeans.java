package dev.lathe.service.start;

import dev.lathe.runs.SearchRunner;
import dev.lathe.runs.SpaceCatalog;
import dev.lathe.runs.stages.Spaces;
import dev.lathe.runs.stages.StagedSearch;
import dev.lathe.service.search.TableShelf;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.InstantSource;

/** The orchestration, as beans. */
@ApplicationScoped
class StageBeans {
  @Produces
  @Singleton
  SearchRunner runner(InstantSource time, TableShelf tables) {
    return new StagedSearch(time, tables, Home.configured());
  }

  @Produces
  @Singleton
  SpaceCatalog spaces() {
    return new Spaces();
  }
}
