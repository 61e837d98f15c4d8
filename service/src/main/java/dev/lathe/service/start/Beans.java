package dev.lathe.service.start;

import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.WorkFolders;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the beans are given that are none themselves. */
@ApplicationScoped
class Beans {
  private final Path home;

  Beans(@ConfigProperty(name = "lathe.home") Path home) {
    this.home = home;
  }

  @Produces
  @Singleton
  InstantSource clock() {
    return Clock.systemUTC();
  }

  @Produces
  @Singleton
  ArtifactFiles artifactFiles() {
    return new ArtifactFiles(home.resolve("artifacts"));
  }

  @Produces
  @Singleton
  WorkFolders workFolders() {
    return new WorkFolders(home.resolve("work"));
  }
}
