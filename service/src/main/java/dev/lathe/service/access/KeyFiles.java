package dev.lathe.service.access;

import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.OwnersFile;
import dev.lathe.service.store.Transactions;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The first keys: {@code keys/admin.key} and {@code keys/agent.key} in the home folder, readable by
 * its owner alone. Made at the first start; whoever deletes such a file gets a new key at the next
 * start, and the old one ends.
 */
@ApplicationScoped
public class KeyFiles {
  private final ApiKeys keys;
  private final Path folder;

  KeyFiles(ApiKeys keys, @ConfigProperty(name = "lathe.home") Path home) {
    this.keys = keys;
    this.folder = home.resolve("keys");
  }

  void start(@Observes @Priority(10) StartupEvent event) throws IOException {
    ensure(Scope.ADMIN);
    ensure(Scope.AGENT);
  }

  private void ensure(Scope scope) throws IOException {
    String name = scope.name().toLowerCase(Locale.ROOT);
    Path file = folder.resolve(name + ".key");
    if (Files.exists(file)
        && keys.good(Files.readString(file).strip())
            .filter(key -> key.scope == scope)
            .isPresent()) {
      return;
    }
    String keyName = name + " key of the home folder";
    List<ApiKeyRow> older =
        Transactions.call(() -> ApiKeyRow.list("name = ?1 and revokedAt is null", keyName));
    older.forEach(row -> keys.revoke(java.util.Objects.requireNonNull(row.id)));
    ApiKeys.NewKey key = keys.ofHome(keyName, scope);
    write(file, key.text());
    // The devices for which the older one spoke are the new one's.
    Transactions.run(
        () ->
            older.forEach(
                row ->
                    DeviceRow.update("apiKeyId = ?1 where apiKeyId = ?2", key.row().id, row.id)));
  }

  private static void write(Path file, String text) {
    try {
      OwnersFile.write(file, List.of(text));
    } catch (IOException e) {
      throw new UncheckedIOException("key file %s cannot be written".formatted(file), e);
    }
  }
}
