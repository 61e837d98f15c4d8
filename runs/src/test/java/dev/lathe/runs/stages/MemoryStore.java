package dev.lathe.runs.stages;

import dev.lathe.farm.Sha256;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.DataSetRecord;
import dev.lathe.runs.FrontMember;
import dev.lathe.runs.GenerationState;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.SpaceDefinition;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.runs.SupernetRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a run keeps, in memory; its files in a folder of the system's for temporary ones. */
public final class MemoryStore implements RunStore {
  private final Map<String, String> facts = new HashMap<>();
  private final List<PredictorRecord> predictors = new ArrayList<>();

  /** Predictors of earlier runs. */
  final List<PredictorRecord> earlier = new ArrayList<>();

  private double fraction;

  /** By how much the progress told ever went back. */
  double wentBack;

  List<FrontMember> front = List.of();
  private String report = "";
  private Optional<SupernetRecord> supernet = Optional.empty();
  private final List<StoredArtifact> artifacts = new ArrayList<>();
  private final Path files;
  private final TreeMap<Integer, List<CandidateRecord>> generations = new TreeMap<>();
  private final Map<Integer, String> states = new HashMap<>();

  public MemoryStore() {
    this(Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** A store whose artifacts lie in a folder. */
  public MemoryStore(Path files) {
    this.files = files;
  }

  @Override
  public long searchId() {
    return 1;
  }

  @Override
  public Optional<String> fact(String key) {
    return Optional.ofNullable(facts.get(key));
  }

  @Override
  public void fact(String key, String json) {
    facts.put(key, json);
  }

  @Override
  public void predictor(PredictorRecord predictor) {
    predictors.removeIf(
        known ->
            known.precision().equals(predictor.precision())
                && known.metric().equals(predictor.metric()));
    predictors.add(predictor);
  }

  @Override
  public List<PredictorRecord> predictors() {
    return List.copyOf(predictors);
  }

  @Override
  public List<PredictorRecord> predictorsOf(String space) {
    return earlier.stream().filter(known -> known.space().equals(space)).toList();
  }

  @Override
  public List<PredictorRecord> predictorsOf(String device, String space) {
    return earlier.stream()
        .filter(known -> known.device().equals(device) && known.space().equals(space))
        .toList();
  }

  @Override
  public void progress(String stage, double fraction, String message) {
    wentBack = Math.max(wentBack, this.fraction - fraction);
    this.fraction = fraction;
  }

  @Override
  public void dataSet(DataSetRecord dataSet) {}

  @Override
  public void space(SpaceDefinition space) {}

  @Override
  public void supernet(SupernetRecord supernet) {
    this.supernet = Optional.of(supernet);
  }

  @Override
  public Optional<SupernetRecord> supernet() {
    return supernet;
  }

  @Override
  public void generation(int number, List<CandidateRecord> noted, String algorithmState) {
    generations.put(number, List.copyOf(noted));
    states.put(number, algorithmState);
  }

  @Override
  public Optional<GenerationState> lastGeneration() {
    return generations.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new GenerationState(generations.lastKey(), states.get(generations.lastKey())));
  }

  @Override
  public List<CandidateRecord> candidates() {
    return generations.values().stream().flatMap(List::stream).toList();
  }

  @Override
  public StoredArtifact artifact(ArtifactRecord artifact, byte[] content) {
    try {
      Path file = Files.createTempFile(Files.createDirectories(files), "artifact-", ".onnx");
      file.toFile().deleteOnExit();
      Files.write(file, content);
      StoredArtifact stored =
          new StoredArtifact(
              artifacts.size() + 1L, Sha256.of(content), content.length, file, artifact);
      artifacts.add(stored);
      return stored;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public List<StoredArtifact> artifacts() {
    return List.copyOf(artifacts);
  }

  @Override
  public void front(List<FrontMember> members) {
    front = List.copyOf(members);
  }

  /** What was told last of how far the run is. */
  public double fraction() {
    return fraction;
  }

  /** What was reported. */
  public String report() {
    return report;
  }

  @Override
  public void report(String json) {
    report = json;
  }
}
