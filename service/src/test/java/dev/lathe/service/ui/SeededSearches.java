package dev.lathe.service.ui;

import dev.lathe.farm.device.Health;
import dev.lathe.metric.Figure;
import dev.lathe.metric.Metric;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.FrontMember;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DatabaseRunStore;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.EvaluatedCandidate;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.RunListener;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import dev.lathe.service.store.Transactions;
import dev.lathe.space.Architecture;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;

/** Puts searches of every shape into the database, through the store that real ones use. */
@ApplicationScoped
public class SeededSearches {
  private static final RunListener NOBODY =
      new RunListener() {
        @Override
        public void candidates(long searchId, List<EvaluatedCandidate> candidates) {}

        @Override
        public void front(long searchId) {}

        @Override
        public void progress(long searchId, String stage, double fraction, String message) {}
      };

  private final ArtifactFiles files;

  SeededSearches(ArtifactFiles files) {
    this.files = files;
  }

  /** Removes all searches, so that a list can be seen empty. */
  void clear() {
    Transactions.run(() -> SearchRow.deleteAll());
  }

  /** A search in a state that no worker touches. */
  public String search(String name, SearchState state, String error) {
    return Transactions.call(
        () -> {
          SearchRow row = new SearchRow();
          row.name = name;
          row.state = state;
          row.stage = state == SearchState.FINISHED ? "report" : "training";
          row.fraction = state == SearchState.FINISHED ? 1 : 0.3;
          row.message = "step 400 of 1 309";
          row.error = error.isEmpty() ? null : error;
          row.request =
              """
              {"name":"%s","data":"builtin","seed":3,"minutes":6,"constraints":{"maxLatencyMillis":0.2}}"""
                  .formatted(name);
          row.requestSha256 = "0".repeat(64);
          row.createdAt = Instant.now().minusSeconds(600);
          row.startedAt = Instant.now().minusSeconds(500);
          row.finishedAt = state.isLast() ? Instant.now().minusSeconds(100) : null;
          row.persist();
          return Long.toString(row.number());
        });
  }

  private RunStore store(String id) {
    return new DatabaseRunStore(
        Long.parseLong(id), "builtin", files, InstantSource.system(), NOBODY, () -> {});
  }

  /** Candidates whose accuracy rises with their latency, as real ones' does. */
  public void candidates(String id, int count) {
    Random random = new Random(count);
    List<CandidateRecord> candidates = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double macs = 0.8 + 4 * Math.pow(random.nextDouble(), 1.5);
      double millis = 0.018 + macs * 0.02 * random.nextDouble(0.8, 1.2);
      double accuracy =
          0.95 - 0.12 * Math.exp(-macs / 1.2) - 0.03 * random.nextDouble() * random.nextDouble();
      Map<String, Figure> figures = new LinkedHashMap<>();
      List.of(
              Figure.measured(Metric.of("accuracy"), accuracy),
              new Figure(
                  Metric.of("latency@desk"),
                  millis,
                  0.93 * millis,
                  1.08 * millis,
                  Figure.Source.PREDICTED),
              Figure.measured(Metric.of("parameters"), Math.rint(3e4 * macs)),
              Figure.measured(Metric.of("macs"), Math.rint(1e6 * macs)))
          .forEach(figure -> figures.put(figure.metric().name(), figure));
      candidates.add(
          new CandidateRecord(
              Architecture.of(i % 7, i / 7),
              Map.of("depth", "d" + i % 7),
              CandidateRecord.Status.OK,
              figures,
              List.of(-accuracy, millis, 3e4 * macs),
              Optional.empty(),
              OptionalDouble.of(1 - 1.0 / (i + 2))));
    }
    store(id).generation(0, candidates, "{}");
  }

  /** Many candidates at once, by the database itself; every 1 000th counts as not dominated. */
  void candidatesInBulk(String id, int count) {
    candidates(id, 1); // so that the metrics are there
    Transactions.run(
        () -> {
          SearchRow.getEntityManager()
              .createNativeQuery(
                  """
                  insert into candidate (search_id, generation, position, choices, labels, status, costs, non_dominated)
                  select cast(?1 as bigint), 0, i, array[i], '{}', 'OK',
                    array[0.05 + 0.1 / (1 + i / 5000.0) + (i * 7919 % 1000) / 20000.0,
                      0.02 + 0.1 * i / cast(?2 as double precision), 30000 + i],
                    i % 1000 = 0 from generate_series(1, ?2 - 1) i
                  """)
              .setParameter(1, Long.parseLong(id))
              .setParameter(2, count)
              .executeUpdate();
          // Else the check of each figure's candidate reads the table as when it was small.
          SearchRow.getEntityManager().createNativeQuery("analyze candidate").executeUpdate();
          SearchRow.getEntityManager()
              .createNativeQuery(
                  """
                  insert into candidate_figure (candidate_id, metric_id, value, lower_end, upper_end, source)
                  select c.id, m.id, v.value, v.value, v.value, 1 from candidate c
                    cross join lateral (values ('accuracy', 1 - c.costs[1]), ('latency@desk', c.costs[2]),
                      ('parameters', c.costs[3]), ('macs', 20 * c.costs[3])) v (name, value)
                    join metric m on m.name = v.name
                  where c.search_id = ?1 and c.position > 0
                  """)
              .setParameter(1, Long.parseLong(id))
              .executeUpdate();
        });
  }

  /** A device that was seen just now. */
  long device(String name) {
    return Transactions.call(
        () -> {
          Optional<DeviceRow> known = DeviceRow.find("name", name).firstResultOptional();
          if (known.isPresent()) {
            return known.get().number();
          }
          DeviceRow row = new DeviceRow();
          row.name = name;
          row.backend = "cpu";
          row.host = "seeded";
          row.runtime = "onnxruntime 1.29.0";
          row.threads = 2;
          row.processor = "Test Processor 3000";
          row.memoryBytes = 16_000_000_000L;
          row.version = "1";
          row.health = Health.GOOD;
          row.registeredAt = Instant.now();
          row.lastSeenAt = Instant.now();
          row.persist();
          return row.number();
        });
  }

  /** A front of so many members, float32 and int8 in turn, with predictors and a report. */
  void front(String id, int members, String device) {
    RunStore store = store(id);
    long deviceId = device(device);
    long first = 0;
    List<FrontMember> front = new ArrayList<>();
    for (int i = 0; i < members; i++) {
      boolean int8 = i % 2 == 1;
      byte[] model = network(id, i).getBytes(StandardCharsets.UTF_8);
      double accuracy = 0.95 - 0.08 * Math.exp(-i / 3.0) - (int8 ? 0.004 : 0);
      double millis = 0.03 + 0.011 * i;
      StoredArtifact stored =
          store.artifact(
              new ArtifactRecord(
                  "member-" + i,
                  ArtifactRecord.Kind.MEMBER,
                  "net-" + i / 2,
                  ArtifactRecord.ONNX,
                  Optional.of(int8 ? "int8" : "float32"),
                  Optional.of("member-" + (i ^ 1)),
                  Map.of("stage1.depth", "" + (1 + i / 2 % 2), "head", "128"),
                  OptionalDouble.of(accuracy),
                  OptionalDouble.of(accuracy - 0.003),
                  OptionalLong.of(800_000 + 300_000L * i),
                  OptionalLong.of(40_000 + 6_000L * i),
                  OptionalDouble.of(14)),
              model);
      first = i == 0 ? stored.id() : first;
      long measurement = measurement(id, deviceId, stored.sha256(), millis);
      front.add(
          FrontMember.file(
              stored.id(),
              figures(device, accuracy, millis, model.length, i),
              Map.of(
                  "latency@" + device,
                  new Figure(
                      Metric.of("latency@" + device),
                      1.03 * millis,
                      0.9 * millis,
                      1.15 * millis,
                      Figure.Source.PREDICTED)),
              List.of(measurement)));
    }
    store.front(front);
    store.predictor(predictor(device, "float32", 0.981));
    store.predictor(predictor(device, "int8", 0.962));
    store.report(
        """
        {"seed":3,"data":{"name":"builtin","classes":10,"train":10000,"validation":2000,"test":10000,"sha256":"f0"},
         "supernet":{"steps":1309,"batch":64,"imagesSeen":83776,"seconds":140.0,"parameters":412000,
                     "largestAccuracy":0.95,"smallestAccuracy":0.873},
         "search":{"algorithm":"nsga2","evaluations":600,"seconds":31.0,"hypervolume":0.8},
         "baseline":[{"name":"mobilenetv2-x0.5","precision":"float32","validationAccuracy":0.91,"testAccuracy":0.905,
                      "bytes":310000,"macs":1900000,"parameters":70000,"latencies":[{"device":"%s","threads":1,
                      "batch":1,"p50":0.083,"p90":0.09,"samples":64}]}],
         "front":[{"id":"member-1","artifactId":%d,"latencies":[],
                   "crossValidated":{"accuracy":0.905,"lower":0.857,"upper":0.938,"images":210}}],
         "closing":["The best comparison is worse by 0.014: these images do not tell the two apart."],
         "seconds":350.0}"""
            .formatted(device, first));
  }

  private static Map<String, Figure> figures(
      String device, double accuracy, double millis, int bytes, int member) {
    Map<String, Figure> figures = new LinkedHashMap<>();
    List.of(
            Figure.measured(Metric.of("accuracy"), accuracy),
            Figure.measured(Metric.of("latency@" + device), millis),
            Figure.measured(Metric.of("latency.p90@" + device), 1.08 * millis),
            Figure.measured(Metric.of("bytes"), bytes),
            Figure.measured(Metric.of("macs"), 800_000 + 300_000L * member),
            Figure.measured(Metric.of("parameters"), 40_000 + 6_000L * member))
        .forEach(figure -> figures.put(figure.metric().name(), figure));
    return figures;
  }

  /** What stands for the file of a member; later ones are longer. */
  static String network(String id, int member) {
    return "network %d of search %s%s".formatted(member, id, ".".repeat(100 * member));
  }

  private static PredictorRecord predictor(String device, String precision, double spearman) {
    return new PredictorRecord(
        device,
        precision,
        "latency",
        "kernel costs",
        160,
        40,
        spearman,
        0.041,
        0.95,
        0.91,
        12,
        "{}",
        "{}",
        "");
  }

  private static long measurement(String id, long device, String sha256, double millis) {
    return Transactions.call(
        () -> {
          MeasurementRow row = new MeasurementRow();
          row.searchId = Long.valueOf(id);
          row.deviceId = device;
          row.key = sha256;
          row.precision = "float32";
          row.modelSha256 = sha256;
          row.runtime = "onnxruntime 1.29.0";
          row.threads = 1;
          row.batch = 1;
          row.warmups = 10;
          row.protocol = "quick";
          row.samplesMillis = new double[] {millis, millis};
          row.p50Millis = millis;
          row.p90Millis = 1.08 * millis;
          row.p99Millis = 1.2 * millis;
          row.startedAt = Instant.now();
          row.recordedAt = Instant.now();
          row.persist();
          return row.number();
        });
  }
}
