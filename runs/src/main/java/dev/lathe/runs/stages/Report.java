package dev.lathe.runs.stages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.data.Accuracy;
import dev.lathe.data.Interval;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.MeasurementOutcome.Measured;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.runs.SupernetRecord;
import dev.lathe.runs.stages.Measuring.MeasuredNetwork;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The result of a search for machines: the JSON of {@code demo --json}. */
final class Report {
  private static final int LARGEST_CONFUSION = 100;

  private final Run run;
  private final Set<String> written;

  Report(Run run) {
    this.run = run;
    this.written =
        run.store().artifacts().stream()
            .map(stored -> stored.record().key())
            .collect(Collectors.toSet());
  }

  String json(
      List<MeasuredNetwork> front,
      List<MeasuredNetwork> all,
      StoredArtifact testSet,
      Optional<DropLimit.Told> limit) {
    ObjectNode report = Facts.JSON.createObjectNode();
    report.put("seed", run.request().seed());
    report
        .putObject("data")
        .put("name", run.data().name())
        .put("classes", run.data().classes().size())
        .put("train", run.data().train().size())
        .put("validation", run.data().validation().size())
        .put("test", run.data().test().size())
        .put("accuracy", DataFacts.uneven(run.data()) ? "balanced" : "top1")
        .put("trainedOn", run.balances() ? "classes equally often" : "images as they come")
        .put("sha256", run.data().sha256());
    run.folds()
        .filter(
            folds ->
                run.facts()
                    .get(TransferPlan.FACT, TransferPlan.class)
                    .map(TransferPlan::folds)
                    .orElse(true))
        .ifPresent(
            folds ->
                ((ObjectNode) report.path("data"))
                    .put("folds", Folds.COUNT)
                    .put("inFolds", folds.fold().length));
    report.set("request", RequestJson.tree(run.request()));
    ArrayNode devices = report.putArray("devices");
    for (DeviceRecord device : run.measurements().devices()) {
      devices
          .addObject()
          .put("name", device.name())
          .put("backend", device.backend())
          .put("runtime", device.runtime())
          .put("threads", device.threads())
          .put("processor", device.processor());
    }
    run.store().supernet().ifPresent(supernet -> supernet(report, supernet));
    run.model()
        .ifPresent(
            model ->
                model.describe(
                    report.putObject("model").put("transfer", run.settings().from().isPresent())));
    forms(report);
    ArrayNode predictors = report.putArray("predictors");
    run.store().predictors().forEach(predictor -> predictor(predictors.addObject(), predictor));
    SearchReport.search(report, run.frame(), run.space(), run.store().candidates());
    ArrayNode members = report.putArray("front");
    front.forEach(network -> network(members.addObject(), network));
    ArrayNode baselines = report.putArray("baseline");
    all.stream()
        .filter(network -> Closing.compares(network) && !front.contains(network))
        .forEach(network -> network(baselines.addObject(), network));
    ArrayNode closing = report.putArray("closing");
    Closing.of(front, all, run).forEach(closing::add);
    limit.ifPresent(
        told -> {
          report.set("budget", Facts.JSON.valueToTree(told));
          closing.add(told.sentence());
        });
    report.put("testSet", testSet.path().toString());
    report.put("testSetArtifact", testSet.id());
    report.put("testLabelsArtifact", run.store().artifact(TestSet.LABELS).orElseThrow().id());
    report.put("seconds", run.clock().seconds());
    return report.toPrettyString();
  }

  /** The forms that were searched, what accuracy each loses, and why others were dropped. */
  private void forms(ObjectNode report) {
    ObjectNode forms = report.putObject("forms");
    ArrayNode searched = forms.putArray("searched");
    run.forms().active().forEach(form -> searched.add(form.name()));
    ObjectNode dropped = forms.putObject("dropped");
    run.forms().dropped().forEach(dropped::put);
  }

  private void supernet(ObjectNode report, SupernetRecord supernet) {
    report
        .putObject("supernet")
        .put("lesson", Settings.nameOf(run.settings().lesson()))
        .put("steps", supernet.steps())
        .put("batch", supernet.batch())
        .put("imagesSeen", supernet.imagesSeen())
        .put("seconds", supernet.seconds())
        .put("parameters", supernet.parameters())
        .put("largestAccuracy", supernet.largestAccuracy())
        .put("smallestAccuracy", supernet.smallestAccuracy());
  }

  private static void predictor(ObjectNode node, PredictorRecord predictor) {
    node.put("device", predictor.device())
        .put("precision", predictor.precision())
        .put("metric", predictor.metric())
        .put("kind", predictor.kind())
        .put("samples", predictor.samples())
        .put("heldOut", predictor.heldOut())
        .put("spearman", predictor.spearman())
        .put("mape", predictor.mape())
        .put("within10", predictor.within10())
        .put("coverage90", predictor.coverage90())
        .put("seconds", predictor.seconds());
    Provenance from = Provenance.of(predictor);
    node.put("measurements", from.measurements().size())
        .put("sentinelMillis", from.sentinelMillis())
        .put("sentinelExponent", from.sentinelExponent())
        .put("sentinelDrift", from.sentinelDrift())
        .put("repeatability", from.repeatability())
        .put("repeatable10", from.repeatable10())
        .put("medianWidth", from.medianWidth());
  }

  private void network(ObjectNode node, MeasuredNetwork network) {
    ArtifactRecord record = network.artifact().record();
    node.put("id", record.key());
    if (Closing.compares(network)) {
      node.put("name", network(record));
    }
    record.twin().filter(written::contains).ifPresent(twin -> node.put("twin", twin));
    Accuracy test =
        run.facts().get(record.key() + Finishing.TEST_ACCURACY, Accuracy.class).orElseThrow();
    node.put("artifactId", network.artifact().id())
        .put("precision", record.precision().orElseThrow())
        .put("validationAccuracy", record.validationAccuracy().orElseThrow());
    run.facts()
        .get(record.key() + Finishing.VALIDATION_ACCURACY, Accuracy.class)
        .ifPresent(
            validation ->
                node.put("validationLower", interval(validation).lower())
                    .put("validationUpper", interval(validation).upper())
                    .put("validationImages", validation.images()));
    node.put("testAccuracy", record.testAccuracy().orElseThrow())
        .put("testTop1", test.top1())
        .put("testBalanced", test.balanced())
        .put("testTop5", test.top5())
        .put("testLower", interval(test).lower())
        .put("testUpper", interval(test).upper())
        .put("testImages", test.images())
        .put("bytes", network.artifact().bytes())
        .put("macs", record.macs().orElseThrow())
        .put("parameters", record.parameters().orElseThrow());
    Optional<Solo.Effort> effort = run.facts().get(network(record) + ".effort", Solo.Effort.class);
    node.set("testRecall", Facts.JSON.valueToTree(test.recall()));
    if (test.confusion().size() <= LARGEST_CONFUSION) {
      node.set("testConfusion", Facts.JSON.valueToTree(test.confusion()));
    }
    run.facts()
        .get(record.key() + CrossValidation.UNSEEN, Accuracy.class)
        .ifPresent(
            folds ->
                node.putObject("crossValidated")
                    .put("accuracy", DataFacts.headline(run.data(), folds))
                    .put("lower", interval(folds).lower())
                    .put("upper", interval(folds).upper())
                    .put("images", folds.images()));
    effort.ifPresent(
        e ->
            node.put("steps", e.steps())
                .put("imagesSeen", e.imagesSeen())
                .put("seconds", e.seconds()));
    run.facts()
        .get(network(record) + CutMembers.WEIGHTS, String.class)
        .ifPresent(weights -> node.put("weights", weights));
    node.put("form", record.precision().orElseThrow());
    ObjectNode figures = node.putObject("figures");
    SearchReport.figures(figures, network.figures());
    SearchReport.figures(node.putObject("predicted"), network.predicted());
    ArrayNode latencies = node.putArray("latencies");
    for (Measuring.OnDevice on : network.devices()) {
      Measured measured = on.measured();
      ObjectNode latency =
          latencies
              .addObject()
              .put("device", measured.device())
              .put("threads", measured.threads())
              .put("batch", measured.batch())
              .put("p50", measured.p50Millis())
              .put("p90", measured.p90Millis())
              .put("samples", measured.samples())
              .put("protocol", measured.protocol())
              .put("slowdown", on.slowdown());
      on.predicted()
          .ifPresent(
              predicted ->
                  latency
                      .put("predicted", predicted.millis())
                      .put("lower", predicted.lower())
                      .put("upper", predicted.upper()));
    }
    node.put("onnx", network.artifact().path().toString());
    node.put("sha256", network.artifact().sha256());
    if (!record.labels().isEmpty()) {
      ObjectNode labels = node.putObject("architecture");
      new java.util.TreeMap<>(record.labels()).forEach(labels::put);
    }
  }

  /** Where the accuracy that counts really lies, with 95 % confidence. */
  private Interval interval(Accuracy accuracy) {
    return DataFacts.uneven(run.data()) ? accuracy.balancedInterval() : accuracy.top1Interval();
  }

  /** The network's key, of one of its files. */
  static String network(ArtifactRecord record) {
    String form = "-" + record.precision().orElseThrow();
    return record.key().substring(0, record.key().length() - form.length());
  }
}
