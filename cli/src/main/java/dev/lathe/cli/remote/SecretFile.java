package dev.lathe.cli.remote;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a secret goes that the service tells once: a file that its owner alone reads, or nowhere.
 */
record SecretFile(Optional<Path> file) {
  /** Made before the secret is: one that cannot be kept would be lost. */
  static SecretFile of(@Nullable Path out) throws IOException {
    if (out != null) {
      Files.deleteIfExists(out);
      Files.createFile(
          out, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    return new SecretFile(Optional.ofNullable(out));
  }

  /** Keeps the secret; gives what is to be printed. */
  String keep(String secret) throws IOException {
    if (file.isEmpty()) {
      return secret;
    }
    Files.writeString(file.get(), secret);
    return file.get().toString();
  }
}
