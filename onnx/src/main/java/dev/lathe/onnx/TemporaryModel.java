package dev.lathe.onnx;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * A graph in temporary files for whoever loads it from there: a small one in one, a large one with
 * its weights apart. The files go when it is closed; what has mapped them into memory keeps them.
 */
public final class TemporaryModel implements AutoCloseable {
  private static final String NAME = "model.onnx";

  /** Models of fewer bytes are handed over as they are. */
  private static final long LEAST_APART_BYTES = 64L << 20;

  private final Path folder;

  private TemporaryModel(Path folder) {
    this.folder = folder;
  }

  /**
   * Writes a graph.
   *
   * @throws OnnxException if it cannot be written
   */
  public static TemporaryModel of(OnnxGraph graph) {
    return of(isSmall(graph) ? graph::write : graph::writeApart);
  }

  /** Writes a graph with its weights apart, whatever their size. */
  static TemporaryModel apart(OnnxGraph graph) {
    return of(graph::writeApart);
  }

  /** Whether a graph is handed over as it is. */
  static boolean isSmall(OnnxGraph graph) {
    return graph.bytes() < LEAST_APART_BYTES;
  }

  private static TemporaryModel of(Consumer<Path> written) {
    TemporaryModel model;
    try {
      // The name of those that are swept when the process that made them is gone.
      String prefix = "lathe-model-%d-".formatted(ProcessHandle.current().pid());
      model = new TemporaryModel(Files.createTempDirectory(prefix));
    } catch (IOException e) {
      throw new OnnxException(
          "no temporary folder can be made: %s. Maybe the disk is full.".formatted(e), e);
    }
    try {
      written.accept(model.file());
      return model;
    } catch (RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  /** The model's file; its weights lie beside it. */
  public Path file() {
    return folder.resolve(NAME);
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(file());
      Files.deleteIfExists(folder.resolve(NAME + ModelWriter.DATA));
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // What is left in the temporary folder harms nobody; the system clears it.
      return;
    }
  }
}
