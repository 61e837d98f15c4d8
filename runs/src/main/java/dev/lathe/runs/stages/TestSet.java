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
import java.util.stream.IntStream;

/** Test images and labels as files, so that anyone can check the accuracies reported. */
final class TestSet {
  static final String IMAGES = "test";
  static final String LABELS = "test-labels";

  private static final long LARGEST = 160L << 20;
  private static final int CHUNK = 64;

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
              LabelledImages images = some(run.data().test());
              Path folder = run.workFolder();
              try {
                Path labels = folder.resolve("test-labels.npy");
                int[] classes = images.labels();
                Npy.writeInt64(labels, classes, images.size());
                store(LABELS, labels);
                Path pixels = folder.resolve("test.npy");
                write(pixels, images);
                return store(IMAGES, pixels);
              } catch (IOException e) {
                throw new UncheckedIOException("cannot write the test set: " + e.getMessage(), e);
              }
            });
  }

  /** All images, or the first of them that make a file that can be handed out. */
  private static LabelledImages some(LabelledImages images) {
    int most = (int) Math.max(1, LARGEST / (4L * images.shape().values()));
    return images.size() <= most ? images : images.subset(IntStream.range(0, most).toArray());
  }

  private void write(Path file, LabelledImages images) throws IOException {
    try (Npy.Float32Writer writer =
        new Npy.Float32Writer(
            file,
            images.size(),
            images.shape().channels(),
            images.shape().height(),
            images.shape().width())) {
      for (int from = 0; from < images.size(); from += CHUNK) {
        int to = Math.min(images.size(), from + CHUNK);
        writer.append(Batches.of(images, from, to, run.data().normalization()));
      }
      writer.finish();
    }
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
