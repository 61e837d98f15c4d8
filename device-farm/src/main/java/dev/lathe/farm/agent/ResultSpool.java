package dev.lathe.farm.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.farm.Sha256;
import dev.lathe.farm.message.FarmJson;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Results on disk, one file each, until the service has them. A file is whole or not there. */
final class ResultSpool {
  private static final String SUFFIX = ".json";

  private final ObjectMapper mapper = FarmJson.mapper();
  private final Path folder;

  ResultSpool(Path folder) throws IOException {
    this.folder = Files.createDirectories(folder);
  }

  /** Keeps a result; when this returns, it survives the end of the process. */
  void put(SpooledResult result) throws IOException {
    Path temporary = Files.createTempFile(folder, "new-", ".tmp");
    try {
      // No channel: an agent that is asked to stop is interrupted, and a channel would give up.
      try (FileOutputStream out = new FileOutputStream(temporary.toFile())) {
        out.write(mapper.writeValueAsBytes(result));
        out.getFD().sync();
      }
      Files.move(temporary, file(result), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(temporary);
      throw e;
    }
  }

  void remove(SpooledResult result) throws IOException {
    Files.deleteIfExists(file(result));
  }

  /** All results that are kept, oldest first; files that are no results are removed. */
  List<SpooledResult> all() throws IOException {
    List<Path> files;
    try (Stream<Path> listed = Files.list(folder)) {
      files = listed.toList();
    }
    List<Path> oldestFirst = new ArrayList<>(files);
    oldestFirst.sort((a, b) -> Long.compare(a.toFile().lastModified(), b.toFile().lastModified()));
    List<SpooledResult> results = new ArrayList<>();
    for (Path file : oldestFirst) {
      Optional<SpooledResult> result = read(file);
      if (result.isPresent()) {
        results.add(result.get());
      } else {
        Files.deleteIfExists(file);
      }
    }
    return results;
  }

  /** Empty if the file is none of ours, or of a process that died before it was whole. */
  private Optional<SpooledResult> read(Path file) throws IOException {
    if (!file.toString().endsWith(SUFFIX)) {
      return Optional.empty();
    }
    try {
      return Optional.of(mapper.readValue(file.toFile(), SpooledResult.class))
          .filter(SpooledResult::isWhole);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** Named by a hash: the service chooses lease ids, not paths. */
  private Path file(SpooledResult result) {
    return folder.resolve(
        Sha256.of(result.leaseId().getBytes(StandardCharsets.UTF_8)).substring(0, 32) + SUFFIX);
  }
}
