package dev.lathe.service.store;

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
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The records of one search in PostgreSQL, its files in {@link ArtifactFiles}. */
public final class DatabaseRunStore implements RunStore {
  private static final int MOST_PREDICTORS = 20;

  private final long searchId;
  private final String data;
  private final ArtifactFiles files;
  private final InstantSource clock;
  private final RunListener listener;
  private final Runnable guard;
  private final Generations generations;

  /**
   * The records of a search.
   *
   * @param data how the request names its data set
   * @param guard is run before each call and throws if the search may not write any more
   */
  public DatabaseRunStore(
      long searchId,
      String data,
      ArtifactFiles files,
      InstantSource clock,
      RunListener listener,
      Runnable guard) {
    this.searchId = searchId;
    this.data = data;
    this.files = files;
    this.clock = clock;
    this.listener = listener;
    this.guard = guard;
    this.generations = new Generations(searchId);
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
          requireSame(dataSet);
          DataSetRow row =
              DataSetRow.find("spec = ?1 and sha256 = ?2", data, dataSet.sha256()).firstResult();
          if (row == null) {
            row = DataSetRow.of(dataSet, clock.instant());
            row.spec = data;
            row.persist();
          }
          search().dataSetId = row.id;
        });
  }

  /** The images that a run began with are those that it goes on with. */
  private void requireSame(DataSetRecord dataSet) {
    Long earlier = search().dataSetId;
    DataSetRow begun = earlier == null ? null : DataSetRow.findById(earlier);
    if (begun != null && !begun.sha256.equals(dataSet.sha256())) {
      throw new IllegalStateException(
          "the images of '%s' are not those that this run began with: their SHA-256 was %s and is %s. Maybe put back what was there, or launch a new run."
              .formatted(data, begun.sha256, dataSet.sha256()));
    }
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
          row.set(supernet);
          row.updatedAt = clock.instant();
          if (fresh) {
            row.persist();
          }
        });
  }

  @Override
  public Optional<SupernetRecord> supernet() {
    return call(() -> SupernetRow.<SupernetRow>findByIdOptional(searchId).map(SupernetRow::record));
  }

  @Override
  public void generation(int number, List<CandidateRecord> candidates, String algorithmState) {
    guard.run();
    Map<String, Integer> metrics =
        MetricRow.ids(
            candidates.stream()
                .flatMap(one -> one.figures().keySet().stream())
                .distinct()
                .toList());
    List<EvaluatedCandidate> stored =
        call(() -> generations.note(number, candidates, algorithmState, metrics, clock.instant()));
    listener.candidates(searchId, stored);
  }

  @Override
  public Optional<GenerationState> lastGeneration() {
    return call(generations::last);
  }

  @Override
  public List<CandidateRecord> candidates() {
    return call(generations::candidates);
  }

  @Override
  public void predictor(PredictorRecord predictor) {
    run(
        () -> {
          PredictorRow.delete(
              "searchId = ?1 and device = ?2 and precision = ?3 and metric = ?4",
              searchId,
              predictor.device(),
              predictor.precision(),
              predictor.metric());
          PredictorRow row = PredictorRow.of(searchId, predictor, clock.instant());
          row.version = version(predictor);
          row.persist();
        });
  }

  /** One more than the newest, unless it is that very predictor. */
  private static int version(PredictorRecord predictor) {
    return PredictorRow.<PredictorRow>find(
            "device = ?1 and space = ?2 and precision = ?3 and metric = ?4 order by version desc, id desc",
            predictor.device(),
            predictor.space(),
            predictor.precision(),
            predictor.metric())
        .firstResultOptional()
        .map(row -> row.definition.equals(predictor.json()) ? row.version : row.version + 1)
        .orElse(1);
  }

  @Override
  public List<PredictorRecord> predictorsOf(String space) {
    return call(
        () ->
            PredictorRow.<PredictorRow>find(
                    "id in (select max(p.id) from PredictorRow p where p.space = ?1"
                        + " group by p.device, p.precision, p.metric) order by id desc",
                    space)
                .stream()
                .map(PredictorRow::record)
                .toList());
  }

  @Override
  public List<PredictorRecord> predictorsOf(String device, String space) {
    return call(
        () ->
            PredictorRow.<PredictorRow>find(
                    "device = ?1 and space = ?2 order by id desc", device, space)
                .page(0, MOST_PREDICTORS)
                .stream()
                .map(PredictorRow::record)
                .toList());
  }

  @Override
  public List<PredictorRecord> predictors() {
    return call(
        () ->
            PredictorRow.<PredictorRow>list("searchId = ?1 order by id", searchId).stream()
                .map(PredictorRow::record)
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
          row.set(artifact);
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
    guard.run();
    Map<String, Integer> metrics =
        MetricRow.ids(
            members.stream()
                .flatMap(
                    one ->
                        Stream.concat(
                            one.figures().keySet().stream(), one.predicted().keySet().stream()))
                .distinct()
                .toList());
    run(
        () -> {
          List<Long> candidates =
              members.stream().anyMatch(one -> one.candidate().isPresent())
                  ? generations.ids()
                  : List.of();
          FrontMemberRow.delete("searchId", searchId);
          int position = 0;
          for (FrontMember member : members) {
            FrontMemberRow row = new FrontMemberRow();
            row.searchId = searchId;
            row.position = position++;
            row.artifactId =
                member.artifactId().isPresent() ? member.artifactId().getAsLong() : null;
            row.candidateId =
                member.candidate().isPresent()
                    ? candidates.get(member.candidate().getAsInt())
                    : null;
            row.persistAndFlush();
            long id = java.util.Objects.requireNonNull(row.id);
            Figures.ofMember(id, member.figures().values(), false, metrics);
            Figures.ofMember(id, member.predicted().values(), true, metrics);
            for (long measurement : member.measurements()) {
              FrontMeasurementRow link = new FrontMeasurementRow();
              link.frontMemberId = row.id;
              link.measurementId = measurement;
              link.persist();
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

  private StoredArtifact stored(ArtifactRow row) {
    return new StoredArtifact(
        row.number(), row.sha256, row.bytes, files.path(row.sha256), row.record());
  }

  private <T> T call(Supplier<T> work) {
    guard.run();
    return Transactions.callPatiently(work);
  }

  private void run(Runnable work) {
    guard.run();
    Transactions.runPatiently(work);
  }
}
