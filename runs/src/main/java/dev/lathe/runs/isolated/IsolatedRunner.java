package dev.lathe.runs.isolated;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.onnx.trial.LimitedProcess;
import dev.lathe.runs.CompressionRequest;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.MethodCard;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import dev.lathe.runs.SearchRunner;
import dev.lathe.runs.stages.StagedSearch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Carries out runs, those that open a model that somebody sent in a process of their own: all of
 * the run happens there, its store, measurements and control stay here.
 */
public final class IsolatedRunner implements SearchRunner {
  private static final Duration LEAST_CPU = Duration.ofHours(24);
  private static final int SLACK = 4;

  private final SearchRunner here;
  private final ModelReader reader;
  private final ModelLimits limits;
  private final Optional<Path> home;

  /**
   * A runner.
   *
   * @param here carries out the runs that open no model of others
   * @param home folder below which decoded images are kept
   */
  public IsolatedRunner(
      SearchRunner here, ModelReader reader, ModelLimits limits, Optional<Path> home) {
    this.here = here;
    this.reader = reader;
    this.limits = limits;
    this.home = home;
  }

  @Override
  public List<MethodCard> methods() {
    return here.methods();
  }

  @Override
  public boolean measures(SearchRequest request) {
    return here.measures(request);
  }

  @Override
  public SearchRequest filled(SearchRequest request, List<String> devices) {
    return here.filled(request, devices);
  }

  @Override
  public void check(SearchRequest request) throws InvalidSearch {
    if (Tasks.opensModel(request)) {
      reader.check(request);
    } else {
      here.check(request);
    }
  }

  @Override
  public void run(
      SearchRequest request,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder) {
    if (Tasks.opensModel(request)) {
      search(Tasks.RUN, request, store, measurements, control, workFolder);
    } else {
      here.run(request, store, measurements, control, workFolder);
    }
  }

  @Override
  public void calibrate(
      SearchRequest request,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder) {
    if (Tasks.opensModel(request)) {
      search(Tasks.CALIBRATE, request, store, measurements, control, workFolder);
    } else {
      here.calibrate(request, store, measurements, control, workFolder);
    }
  }

  @Override
  public void compress(
      CompressionRequest request, RunStore store, Measurements measurements, RunControl control) {
    try (LimitedProcess process = start(LEAST_CPU, List.of(), List.of())) {
      Wire wire = new Wire(process.folder());
      write(process.folder().resolve(Tasks.MODEL), request.model());
      ObjectNode task =
          wire.object()
              .put("task", Tasks.COMPRESS)
              .put("recipe", request.recipe())
              .put("data", request.data())
              .put("seed", request.seed())
              .put("measured", request.measured());
      carryOut(process, wire, task, store, measurements, control, _ -> false);
    }
  }

  private void search(
      String name,
      SearchRequest request,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder) {
    double minutes = SLACK * request.budget().minutes().orElse(0);
    Duration asked = Duration.ofSeconds((long) (60 * minutes));
    try (LimitedProcess process =
        start(
            asked.compareTo(LEAST_CPU) > 0 ? asked : LEAST_CPU,
            Tasks.files(request),
            List.of(workFolder))) {
      Wire wire = new Wire(process.folder());
      ObjectNode task =
          wire.object().put("task", name).put("workFolder", workFolder.toAbsolutePath().toString());
      Tasks.put(task, request);
      carryOut(process, wire, task, store, measurements, control, own(request, measurements));
    }
  }

  private void carryOut(
      LimitedProcess process,
      Wire wire,
      ObjectNode task,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Predicate<PredictorRecord> own) {
    process.send(wire.line(task));
    new PortServer(Lines.of(process), wire, store, measurements, control, limits.silence(), own)
        .serve();
  }

  /** A run leaves predictors of its devices, and one that cuts a model of cuts of that model. */
  private static Predicate<PredictorRecord> own(SearchRequest request, Measurements measurements) {
    return predictor ->
        measurements.devices().stream().anyMatch(device -> device.name().equals(predictor.device()))
            && (!(request.space().orElse(null) instanceof SpaceChoice.Model model)
                || StagedSearch.cuts(predictor.space(), model.reference()));
  }

  private LimitedProcess start(Duration ofEachProcessor, List<Path> readable, List<Path> writable) {
    return ModelProcess.start(
        new LimitedProcess.Limits(
            limits.memoryBytes(),
            limits.memoryBytes() / 4,
            ofEachProcessor.toSeconds() * Runtime.getRuntime().availableProcessors()),
        limits,
        home,
        readable,
        writable);
  }

  private static void write(Path file, byte[] content) {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new ModelFailure(
          "the model cannot be given to its process (%s). Maybe the temporary folder is full."
              .formatted(e.getMessage()),
          e);
    }
  }
}
