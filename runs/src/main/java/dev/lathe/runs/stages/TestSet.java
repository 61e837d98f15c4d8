package dev.lathe.runs.stages;

import dev.lathe.data.Batches;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Npy;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.StoredArtifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Test images and labels as files, so that anyone can check the accuracies reported. */
final class TestSet {
  static final String IMAGES = "test";
  static final String LABELS = "test-labels";

  private final Run run;

  TestSet(Run run) {
    this.run = run;
  }

  /** The images' file; the labels lie beside it under the key {@code test-labels}. */
  StoredArtifact write() {
    return run.store()
        .artifact(IMAGES)
        .orElseGet(
            () -> {
              LabelledImages images = run.data().test();
              Path folder = run.workFolder();
              try {
                Path labels = folder.resolve("test-labels.npy");
                int[] classes = images.labels();
                Npy.writeInt64(labels, classes, images.size());
                store(LABELS, labels);
                Path pixels = folder.resolve("test.npy");
                Npy.writeFloat32(
                    pixels,
                    Batches.of(images, 0, images.size(), run.data().normalization()),
                    images.size(),
                    images.shape().channels(),
                    images.shape().height(),
                    images.shape().width());
                return store(IMAGES, pixels);
              } catch (IOException e) {
                throw new UncheckedIOException("cannot write the test set: " + e.getMessage(), e);
              }
            });
  }

  private StoredArtifact store(String key, Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    StoredArtifact stored =
        run.store()
            .artifact(
                ArtifactRecord.file(key, ArtifactRecord.Kind.TEST_SET, key, ArtifactRecord.NPY),
                content);
    Files.delete(file);
    return stored;
  }
}
