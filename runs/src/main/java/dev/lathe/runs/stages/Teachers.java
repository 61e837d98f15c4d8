package dev.lathe.runs.stages;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.StoredArtifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;

/** The members that are trained, of whose answers the others learn. */
final class Teachers {
  private final Run run;

  Teachers(Run run) {
    this.run = run;
  }

  /** Keeps a network as it was trained, in float32, whatever forms of it are written. */
  void keep(String key, OnnxGraph network) {
    try {
      Files.write(file(key), network.toBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot keep '%s': %s".formatted(key, e.getMessage()), e);
    }
  }

  /**
   * The most accurate on validation images among the members whose files are stored.
   *
   * @param pupil the member that is to learn, which is no teacher even if some of its files are
   *     there
   */
  Optional<OnnxGraph> best(String pupil) {
    return run.store().artifacts().stream()
        .map(StoredArtifact::record)
        .filter(record -> record.kind() == ArtifactRecord.Kind.MEMBER)
        .filter(record -> !Report.network(record).equals(pupil))
        .filter(record -> Files.exists(file(Report.network(record))))
        .max(
            Comparator.<ArtifactRecord>comparingDouble(
                    record -> record.validationAccuracy().orElse(0))
                .thenComparing(ArtifactRecord::key))
        .map(record -> read(file(Report.network(record))));
  }

  private Path file(String key) {
    return run.workFolder().resolve(key + ".onnx");
  }

  private static OnnxGraph read(Path file) {
    try {
      return OnnxGraph.parse(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read '%s': %s".formatted(file, e.getMessage()), e);
    }
  }
}
