package dev.lathe.runs.isolated;

import dev.lathe.onnx.trial.Hidden;
import dev.lathe.onnx.trial.LimitedProcess;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Starts processes that run {@link ModelWork}. */
final class ModelProcess {
  private static final String PACKAGED = "quarkus-run.jar";
  private static final String LIBRARIES = "org.bytedeco.javacpp.cachedir";

  private ModelProcess() {}

  /**
   * Starts one. Of the home folder it sees data sets and decoded images, and may add to these.
   *
   * @param home folder below which decoded images are kept
   * @param readable what else it sees of the home
   * @param writable what else it may change there
   * @throws ModelFailure if the system starts none
   */
  static LimitedProcess start(
      LimitedProcess.Limits limits,
      ModelLimits ofModels,
      Optional<Path> home,
      List<Path> readable,
      List<Path> writable) {
    List<String> arguments = new ArrayList<>();
    arguments.add(
        System.getProperty(
            LIBRARIES, Path.of(System.getProperty("user.home"), ".javacpp", "cache").toString()));
    arguments.add(Long.toString(ofModels.ofTrial().memoryBytes()));
    arguments.add(Long.toString(ofModels.trial().toMillis()));
    home.ifPresent(folder -> arguments.add(folder.toAbsolutePath().toString()));
    try {
      return LimitedProcess.start(
          limits,
          hidden(home, Path.of(arguments.getFirst()), readable, writable),
          classPath(),
          ModelWork.class.getName(),
          arguments);
    } catch (IOException e) {
      throw new ModelFailure(
          "no process for the model can be started (%s). Maybe the temporary folder is full."
              .formatted(e.getMessage()),
          e);
    }
  }

  private static Hidden hidden(
      Optional<Path> home, Path libraries, List<Path> readable, List<Path> writable)
      throws IOException {
    if (home.isEmpty()) {
      return Hidden.nothing();
    }
    Path images = Files.createDirectories(home.get().resolve("data"));
    return Hidden.place(home.get())
        .seeing(List.of(home.get().resolve("data-sets")))
        .seeing(readable)
        .changing(List.of(images, libraries))
        .changing(writable);
  }

  /**
   * All that this program consists of: in a package beside its own file, else as it was started.
   */
  private static String classPath() {
    String started = System.getProperty("java.class.path");
    if (started.endsWith(PACKAGED)) {
      return own().resolveSibling("*").toString();
    }
    return Stream.of(started.split(File.pathSeparator, -1))
        .filter(entry -> !entry.isEmpty())
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static Path own() {
    try {
      return Path.of(ModelWork.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("this program lies in no file", e);
    }
  }
}
