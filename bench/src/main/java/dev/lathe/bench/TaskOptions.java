package dev.lathe.bench;

import dev.lathe.cli.compress.JsonFile;
import dev.lathe.cli.demo.ProgressLine;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What the benchmarks that train on images, and keep finished work in a folder, have in common. */
final class TaskOptions {
  @Option(names = "--data", defaultValue = "builtin", description = "Images (${DEFAULT-VALUE}).")
  private String data = "";

  @Option(names = "--space", description = "YAML file or built-in name (by the images' size).")
  private Optional<String> space = Optional.empty();

  @Option(names = "--batch", defaultValue = "64", description = "Images a step (${DEFAULT-VALUE}).")
  private int batch;

  @Option(names = "--workers", description = "Threads that share the work (one a processor).")
  private Optional<Integer> workers = Optional.empty();

  @Option(names = "--seed", defaultValue = "1", description = "Seed (${DEFAULT-VALUE}).")
  private long seed;

  @Option(names = "--state", description = "Folder of finished work (beside the JSON file).")
  private Optional<Path> state = Optional.empty();

  @Option(names = "--json", description = "Where to write the figures.")
  private Optional<Path> json = Optional.empty();

  int batch() {
    return batch;
  }

  long seed() {
    return seed;
  }

  ImageTask load(ProgressLine line) throws IOException {
    return ImageTask.load(data, space, seed, (fraction, message) -> line.show("data", 0, message));
  }

  /** To be closed. */
  Workers workers() {
    return workers.map(Workers::new).orElseGet(Workers::ofProcessors);
  }

  /**
   * The folder of finished work.
   *
   * @param settings as {@link Kept#in} takes them
   */
  Kept kept(Object settings) throws IOException {
    return Kept.in(Kept.folder(state, json), settings);
  }

  /** Writes the figures where they are wanted. */
  void write(Object figures) throws IOException {
    if (json.isPresent()) {
      JsonFile.write(json.get(), figures);
    }
  }
}
