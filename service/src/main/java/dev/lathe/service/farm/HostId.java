package dev.lathe.service.farm;

import dev.lathe.service.store.ArtifactFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** By which an agent and the service know that they share a machine. */
final class HostId {
  private static final String THIS_MACHINE = read();

  private HostId() {}

  static String ofThisMachine() {
    return THIS_MACHINE;
  }

  private static String read() {
    return Stream.of("/proc/sys/kernel/random/boot_id", "/etc/machine-id")
        .map(Path::of)
        .filter(Files::isReadable)
        .map(HostId::text)
        .filter(text -> !text.isEmpty())
        .findFirst()
        .map(text -> ArtifactFiles.sha256(text.getBytes(StandardCharsets.UTF_8)).substring(0, 32))
        .orElse("unknown");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      return "";
    }
  }
}
