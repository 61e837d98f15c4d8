package dev.lathe.service.store;

import dev.lathe.service.pipeline.ArtifactRecord;
import dev.lathe.service.pipeline.CandidateRecord;
import dev.lathe.service.pipeline.DataSetRecord;
import dev.lathe.service.pipeline.FrontMember;
import dev.lathe.service.pipeline.GenerationState;
import dev.lathe.service.pipeline.PredictorRecord;
import dev.lathe.service.pipeline.RunStore;
import dev.lathe.service.pipeline.SpaceDefinition;
import dev.lathe.service.pipeline.StoredArtifact;
import dev.lathe.service.pipeline.SupernetRecord;
import dev.lathe.space.Architecture;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The records of one search in PostgreSQL, its files in {@link ArtifactFiles}. */
public final class DatabaseRunStore implements RunStore {
  private final long searchId;
  private final ArtifactFiles files;
  private final InstantSource clock;
  private final RunListener listener;
  private final Runnable guard;

  /**
   * The records of a search.
   *
   * @param guard is run before each call and throws if the search may not write any more
   */
  public DatabaseRunStore(
      long searchId,
      ArtifactFiles files,
      InstantSource clock,
      RunListener listener,
      Runnable guard) {
    this.searchId = searchId;
    this.files = files;
    this.clock = clock;
    this.listener = listener;
    this.guard = guard;
  }

  @Override
  public long searchId() {
    return searchId;
  }

  @Override
  public Optional<String> fact(String key) {
    return call(
        () ->
            FactRow.<FactRow>findByIdOptional(new FactRow.Key(searchId, key))
                .map(row -> row.value));
  }

  @Override
  public void fact(String key, String json) {
    run(
        () -> {
          FactRow row = FactRow.findById(new FactRow.Key(searchId, key));
          if (row == null) {
            row = new FactRow();
            row.searchId = searchId;
            row.name = key;
            row.value = json;
            row.persist();
          } else {
            row.value = json;
          }
        });
  }

  @Override
  public void dataSet(DataSetRecord dataSet) {
    run(
        () -> {
          DataSetRow row =
              DataSetRow.find("spec = ?1 and sha256 = ?2", dataSet.spec(), dataSet.sha256())
                  .firstResult();
          if (row == null) {
            row = new DataSetRow();
            row.spec = dataSet.spec();
            row.sha256 = dataSet.sha256();
            row.name = dataSet.name();
            row.classes = dataSet.classes();
            row.train = dataSet.train();
            row.validation = dataSet.validation();
            row.test = dataSet.test();
            row.channels = dataSet.channels();
            row.height = dataSet.height();
            row.width = dataSet.width();
            row.createdAt = clock.instant();
            row.persist();
          }
          search().dataSetId = row.id;
        });
  }

  @Override
  public void space(SpaceDefinition space) {
    run(() -> search().space = space.json());
  }

  @Override
  public void supernet(SupernetRecord supernet) {
    run(
        () -> {
          SupernetRow row = SupernetRow.findById(searchId);
          boolean fresh = row == null;
          row = fresh ? new SupernetRow() : row;
          row.searchId = searchId;
          row.steps = supernet.steps();
          row.plannedSteps = supernet.plannedSteps();
          row.batch = supernet.batch();
          row.imagesSeen = supernet.imagesSeen();
          row.seconds = supernet.seconds();
          row.parameters = supernet.parameters();
          row.largestAccuracy = supernet.largestAccuracy();
          row.smallestAccuracy = supernet.smallestAccuracy();
          row.checkpoint = supernet.checkpoint().orElse(null);
          row.updatedAt = clock.instant();
          if (fresh) {
            row.persist();
          }
        });
  }

  @Override
  public Optional<SupernetRecord> supernet() {
    return call(
        () ->
            SupernetRow.<SupernetRow>findByIdOptional(searchId)
                .map(
                    row ->
                        new SupernetRecord(
                            row.steps,
                            row.plannedSteps,
                            row.batch,
                            row.imagesSeen,
                            row.seconds,
                            row.parameters,
                            row.largestAccuracy,
                            row.smallestAccuracy,
                            Optional.ofNullable(row.checkpoint))));
  }

  @Override
  public void generation(int number, List<CandidateRecord> candidates, String algorithmState) {
    List<EvaluatedCandidate> stored =
        call(
            () -> {
              boolean replaced =
                  GenerationRow.delete("searchId = ?1 and number = ?2", searchId, number) > 0;
              CandidateRow.getEntityManager().flush();
              GenerationRow generation = new GenerationRow();
              generation.searchId = searchId;
              generation.number = number;
              generation.algorithmState = algorithmState;
              generation.createdAt = clock.instant();
              generation.persist();
              CandidateRow.getEntityManager().flush();
              List<EvaluatedCandidate> rows = new ArrayList<>();
              for (CandidateRecord candidate : candidates) {
                rows.add(persist(number, rows.size(), candidate));
              }
              if (replaced) {
                markNonDominated(List.of(), EvaluatedCandidate.all(searchId));
              } else {
                markNonDominated(EvaluatedCandidate.nonDominated(searchId), rows);
              }
              return rows;
            });
    listener.candidates(searchId, stored);
  }

  @Override
  public Optional<GenerationState> lastGeneration() {
    return call(
        () ->
            GenerationRow.<GenerationRow>find("searchId = ?1 order by number desc", searchId)
                .firstResultOptional()
                .map(
                    row ->
                        new GenerationState(
                            Objects.requireNonNull(row.number), row.algorithmState)));
  }

  @Override
  public List<CandidateRecord> candidates() {
    return call(
        () ->
            EvaluatedCandidate.all(searchId).stream()
                .map(
                    stored ->
                        new CandidateRecord(
                            Architecture.of(stored.row().choices),
                            stored.row().labels,
                            stored.status(),
                            stored.accuracy(),
                            stored.row().predictedMillis,
                            stored.row().lowerMillis,
                            stored.row().upperMillis,
                            stored.row().parameters,
                            stored.row().macs))
                .toList());
  }

  @Override
  public void predictor(PredictorRecord predictor) {
    run(
        () -> {
          PredictorRow.delete(
              "searchId = ?1 and device = ?2 and precision = ?3",
              searchId,
              predictor.device(),
              predictor.precision());
          PredictorRow row = new PredictorRow();
          row.searchId = searchId;
          row.device = predictor.device();
          row.precision = predictor.precision();
          row.kind = predictor.kind();
          row.samples = predictor.samples();
          row.heldOut = predictor.heldOut();
          row.spearman = predictor.spearman();
          row.mape = predictor.mape();
          row.within10 = predictor.within10();
          row.coverage90 = predictor.coverage90();
          row.seconds = predictor.seconds();
          row.definition = predictor.json();
          row.createdAt = clock.instant();
          row.persist();
        });
  }

  @Override
  public List<PredictorRecord> predictors() {
    return call(
        () ->
            PredictorRow.<PredictorRow>list("searchId = ?1 order by id", searchId).stream()
                .map(
                    row ->
                        new PredictorRecord(
                            row.device,
                            row.precision,
                            row.kind,
                            row.samples,
                            row.heldOut,
                            row.spearman,
                            row.mape,
                            row.within10,
                            row.coverage90,
                            row.seconds,
                            row.definition))
                .toList());
  }

  @Override
  public StoredArtifact artifact(ArtifactRecord artifact, byte[] content) {
    guard.run();
    String sha256 = files.put(content);
    return call(
        () -> {
          ArtifactRow row =
              ArtifactRow.find("searchId = ?1 and key = ?2", searchId, artifact.key())
                  .firstResult();
          boolean fresh = row == null;
          row = fresh ? new ArtifactRow() : row;
          row.searchId = searchId;
          row.key = artifact.key();
          row.kind = artifact.kind();
          row.name = artifact.name();
          row.mediaType = artifact.mediaType();
          row.precision = artifact.precision().orElse(null);
          row.twinKey = artifact.twin().orElse(null);
          row.labels = artifact.labels();
          row.validationAccuracy = orNull(artifact.validationAccuracy());
          row.testAccuracy = orNull(artifact.testAccuracy());
          row.macs = orNull(artifact.macs());
          row.parameters = orNull(artifact.parameters());
          row.fineTuneSeconds = orNull(artifact.fineTuneSeconds());
          row.sha256 = sha256;
          row.bytes = content.length;
          if (fresh) {
            row.createdAt = clock.instant();
            row.persist();
          }
          return new StoredArtifact(
              row.number(), sha256, content.length, files.path(sha256), artifact);
        });
  }

  @Override
  public List<StoredArtifact> artifacts() {
    return call(
        () ->
            ArtifactRow.<ArtifactRow>list("searchId = ?1 order by id", searchId).stream()
                .map(this::stored)
                .toList());
  }

  @Override
  public Optional<StoredArtifact> artifact(String key) {
    return call(
        () ->
            ArtifactRow.<ArtifactRow>find("searchId = ?1 and key = ?2", searchId, key)
                .firstResultOptional()
                .map(this::stored));
  }

  @Override
  public void front(List<FrontMember> members) {
    run(
        () -> {
          FrontMemberRow.delete("searchId", searchId);
          int position = 0;
          for (FrontMember member : members) {
            FrontMemberRow row = new FrontMemberRow();
            row.searchId = searchId;
            row.position = position++;
            row.artifactId = member.artifactId();
            row.persistAndFlush();
            for (FrontMember.DeviceLatency latency : member.latencies()) {
              FrontLatencyRow latencyRow = new FrontLatencyRow();
              latencyRow.frontMemberId = row.id;
              latencyRow.measurementId = latency.measurementId();
              latencyRow.predictedMillis = latency.predictedMillis();
              latencyRow.lowerMillis = latency.lowerMillis();
              latencyRow.upperMillis = latency.upperMillis();
              latencyRow.persist();
            }
          }
        });
    listener.front(searchId);
  }

  @Override
  public void report(String json) {
    run(() -> search().report = json);
  }

  @Override
  public void progress(String stage, double fraction, String message) {
    guard.run();
    listener.progress(searchId, stage, Math.clamp(fraction, 0, 1), message);
  }

  private SearchRow search() {
    return SearchRow.<SearchRow>findByIdOptional(searchId)
        .orElseThrow(() -> new IllegalStateException("search %d is gone.".formatted(searchId)));
  }

  private EvaluatedCandidate persist(int generation, int position, CandidateRecord candidate) {
    CandidateRow row = new CandidateRow();
    row.searchId = searchId;
    row.generation = generation;
    row.position = position;
    row.choices = candidate.architecture().toArray();
    row.labels = candidate.labels();
    row.predictedMillis = candidate.predictedMillis();
    row.lowerMillis = candidate.lowerMillis();
    row.upperMillis = candidate.upperMillis();
    row.parameters = candidate.parameters();
    row.macs = candidate.macs();
    row.persist();
    EvaluationRow evaluation = new EvaluationRow();
    evaluation.candidateId = row.id;
    evaluation.status = candidate.status();
    evaluation.validationAccuracy = orNull(candidate.validationAccuracy());
    evaluation.persist();
    return new EvaluatedCandidate(row, candidate.status(), candidate.validationAccuracy());
  }

  /** Marks who of the newcomers belongs to the front, and who of the front does no more. */
  private static void markNonDominated(
      List<EvaluatedCandidate> front, List<EvaluatedCandidate> newcomers) {
    List<EvaluatedCandidate> best = new ArrayList<>(front);
    for (EvaluatedCandidate newcomer : newcomers) {
      newcomer.row().nonDominated =
          newcomer.counts() && best.stream().noneMatch(member -> member.dominates(newcomer));
      if (newcomer.row().nonDominated) {
        best.removeIf(
            member -> {
              boolean beaten = newcomer.dominates(member);
              member.row().nonDominated = member.row().nonDominated && !beaten;
              return beaten;
            });
        best.add(newcomer);
      }
    }
  }

  private StoredArtifact stored(ArtifactRow row) {
    return new StoredArtifact(
        row.number(),
        row.sha256,
        row.bytes,
        files.path(row.sha256),
        new ArtifactRecord(
            row.key,
            row.kind,
            row.name,
            row.mediaType,
            Optional.ofNullable(row.precision),
            Optional.ofNullable(row.twinKey),
            row.labels,
            optional(row.validationAccuracy),
            optional(row.testAccuracy),
            optional(row.macs),
            optional(row.parameters),
            optional(row.fineTuneSeconds)));
  }

  private <T> T call(Supplier<T> work) {
    guard.run();
    return Transactions.callPatiently(work);
  }

  private void run(Runnable work) {
    guard.run();
    Transactions.runPatiently(work);
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  private static @Nullable Long orNull(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : null;
  }

  private static OptionalDouble optional(@Nullable Double value) {
    return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private static OptionalLong optional(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
