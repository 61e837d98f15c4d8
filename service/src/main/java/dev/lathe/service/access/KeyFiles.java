package dev.lathe.service.access;

import dev.lathe.service.store.Transactions;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The first keys: {@code keys/admin.key} and {@code keys/agent.key} in the home folder, readable by
 * its owner alone. Made at the first start; whoever deletes such a file gets a new key at the next
 * start, and the old one ends.
 */
@ApplicationScoped
public class KeyFiles {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

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
        && keys.scopeOf(Files.readString(file).strip()).equals(Optional.of(scope))) {
      return;
    }
    String keyName = name + " key of the home folder";
    Transactions.call(() -> ApiKeyRow.<ApiKeyRow>list("name = ?1 and revokedAt is null", keyName))
        .forEach(row -> keys.revoke(java.util.Objects.requireNonNull(row.id)));
    write(file, keys.create(keyName, scope, Optional.empty()).text());
  }

  private void write(Path file, String text) {
    try {
      Files.createDirectories(folder);
      Path part = folder.resolve(file.getFileName() + ".part");
      Files.deleteIfExists(part);
      Files.createFile(part, ownerOnly());
      Files.write(part, (text + "\n").getBytes(StandardCharsets.UTF_8));
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("key file %s cannot be written".formatted(file), e);
    }
  }

  private FileAttribute<?>[] ownerOnly() {
    return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
        : new FileAttribute<?>[0];
  }
}
