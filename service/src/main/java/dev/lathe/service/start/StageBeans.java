package dev.lathe.service.start;

import dev.lathe.runs.SearchRunner;
import dev.lathe.runs.SpaceCatalog;
import dev.lathe.runs.isolated.IsolatedRunner;
import dev.lathe.runs.isolated.ModelLimits;
import dev.lathe.runs.isolated.ModelReader;
import dev.lathe.runs.stages.Spaces;
import dev.lathe.runs.stages.StagedSearch;
import dev.lathe.service.search.TableShelf;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The orchestration, as beans. */
@ApplicationScoped
class StageBeans {
  /** What a run on a model that somebody sent may use: memory, and time to be tried in. */
  @Produces
  @Singleton
  ModelLimits modelLimits(
      @ConfigProperty(name = "lathe.models.memory-mib", defaultValue = "8192") long mebibytes,
      @ConfigProperty(name = "lathe.models.trial-seconds", defaultValue = "120") long seconds) {
    return new ModelLimits(
        mebibytes << 20, Duration.ofSeconds(seconds), ModelLimits.DEFAULT.silence());
  }

  @Produces
  @Singleton
  ModelReader modelReader(ModelLimits limits) {
    return new ModelReader(limits, Optional.of(Home.configured()));
  }

  void close(@Disposes ModelReader reader) {
    reader.close();
  }

  @Produces
  @Singleton
  SearchRunner runner(
      InstantSource time, TableShelf tables, ModelReader reader, ModelLimits limits) {
    return new IsolatedRunner(
        new StagedSearch(time, tables, Home.configured()),
        reader,
        limits,
        Optional.of(Home.configured()));
  }

  @Produces
  @Singleton
  SpaceCatalog spaces() {
    return new Spaces();
  }
}
