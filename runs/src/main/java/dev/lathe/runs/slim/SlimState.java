package dev.lathe.runs.slim;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/** What has been done and decided, in files: a run that was stopped goes on from there. */
record SlimState(Path folder) {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .registerModule(new Jdk8Module())
          .enable(SerializationFeature.INDENT_OUTPUT);

  /** Something that takes long or looks at the clock. */
  interface Work<T> {
    T done() throws IOException;
  }

  Path file(String name) {
    return folder.resolve(name);
  }

  <T> Optional<T> read(String name, Class<T> type) throws IOException {
    Path file = file(name + ".json");
    return Files.exists(file)
        ? Optional.of(JSON.readValue(Files.readAllBytes(file), type))
        : Optional.empty();
  }

  /** Writes a file that is either whole or as it was. */
  void write(String name, Object value) throws IOException {
    Files.createDirectories(folder);
    Path part = file(name + ".part");
    Files.write(part, JSON.writeValueAsBytes(value));
    Files.move(
        part,
        file(name + ".json"),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  /** What was found before, or is found now and kept. */
  <T> T once(String name, Class<T> type, Work<T> work) throws IOException {
    Optional<T> known = read(name, type);
    if (known.isPresent()) {
      return known.get();
    }
    T found = work.done();
    write(name, found);
    return found;
  }
}
