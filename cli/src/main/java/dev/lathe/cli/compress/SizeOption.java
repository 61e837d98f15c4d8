package dev.lathe.cli.compress;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Sizes of what a model leaves open, alike in all commands that read one. */
public final class SizeOption {
  @Option(
      names = "--size",
      paramLabel = "NAME=N",
      description = {
        "size of a dimension that the model's inputs leave open, the batch among them; one without",
        "a name is INPUT[AXIS], for example x[2]. What is not said has a default, which is printed"
      })
  private Map<String, Long> sizes = new LinkedHashMap<>();

  /** Sizes by name. */
  public Map<String, Long> sizes() {
    return sizes;
  }
}
