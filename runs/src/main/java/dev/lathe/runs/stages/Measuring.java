package dev.lathe.runs.stages;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.latency.Reading;
import dev.lathe.metric.Figure;
import dev.lathe.metric.Figure.Source;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementOutcome.Measured;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.StoredArtifact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Measures every network that was written, on every device. The list is gone through several times,
 * so that a slow spell of a machine does not fall on one network alone; the round with the median
 * figure counts. The figure is what was measured; a prediction is for the machine's speed at this
 * time, told by its sentinel.
 */
final class Measuring {
  private static final int ROUNDS = 3;

  private final Run run;
  private final Predictors predictors;

  Measuring(Run run, Predictors predictors) {
    this.run = run;
    this.predictors = predictors;
  }

  /**
   * A network on a device.
   *
   * @param slowdown how much longer the device took now than at calibration, as its sentinel says
   * @param predicted for the device's speed now; empty where the form is not predicted, or the
   *     network has kernels that calibration has not seen
   */
  record OnDevice(Measured measured, double slowdown, Optional<Estimate> predicted) {}

  /**
   * A written network with what was measured.
   *
   * @param figures by metric, as measured; those predicted apart
   */
  record MeasuredNetwork(
      StoredArtifact artifact,
      List<OnDevice> devices,
      Map<String, Figure> figures,
      Map<String, Figure> predicted) {
    /** On the first device. */
    double p50Millis() {
      return devices.getFirst().measured().p50Millis();
    }
  }

  List<MeasuredNetwork> run() {
    List<StoredArtifact> networks =
        run.store().artifacts().stream()
            .filter(
                stored ->
                    stored.record().kind() == ArtifactRecord.Kind.MEMBER
                        || stored.record().kind() == ArtifactRecord.Kind.BASELINE)
            .toList();
    List<DeviceRecord> devices = run.measurements().devices();
    Map<String, byte[]> files = new LinkedHashMap<>();
    List<MeasurementRequest> requests = new ArrayList<>();
    for (int round = 1; round <= ROUNDS; round++) {
      for (StoredArtifact network : networks) {
        byte[] file = files.computeIfAbsent(network.record().key(), run.store()::content);
        for (DeviceRecord device : devices) {
          requests.add(
              new MeasurementRequest(
                  "final-%d-%s".formatted(round, network.record().key()),
                  device.name(),
                  file,
                  network.record().precision().orElseThrow(),
                  "quick"));
        }
      }
    }
    List<MeasurementOutcome> outcomes =
        run.measurements()
            .measure(
                requests,
                (done, of) ->
                    run.progress(
                        Stage.MEASURING,
                        (double) done / of,
                        "measured %d of %d".formatted(done, of)));
    List<MeasuredNetwork> measured = new ArrayList<>();
    for (int n = 0; n < networks.size(); n++) {
      StoredArtifact network = networks.get(n);
      FeatureVector features =
          GraphFeatures.of(OnnxGraph.parse(files.get(network.record().key())), 1);
      List<OnDevice> on = new ArrayList<>();
      for (int d = 0; d < devices.size(); d++) {
        on(network, devices, networks.size(), n, d, outcomes, features).ifPresent(on::add);
      }
      if (on.size() == devices.size()) {
        measured.add(network(network, on, features));
      }
    }
    return measured;
  }

  private Optional<OnDevice> on(
      StoredArtifact network,
      List<DeviceRecord> devices,
      int networks,
      int number,
      int device,
      List<MeasurementOutcome> outcomes,
      FeatureVector features) {
    List<Measured> rounds = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      switch (outcomes.get((round * networks + number) * devices.size() + device)) {
        case Measured one -> rounds.add(one);
        case MeasurementOutcome.Failed failed ->
            run.progress(
                Stage.MEASURING,
                1,
                "%s could not be measured on %s: %s"
                    .formatted(
                        network.record().key(), devices.get(device).name(), failed.message()));
      }
    }
    if (rounds.isEmpty()) {
      return Optional.empty();
    }
    rounds.sort(Comparator.comparingDouble(Measured::p50Millis));
    List<Reading> readings =
        IntStream.range(0, outcomes.size())
            .filter(i -> i % devices.size() == device)
            .mapToObj(outcomes::get)
            .filter(Measured.class::isInstance)
            .map(outcome -> Calibrating.reading((Measured) outcome))
            .toList();
    Slot slot = slot(network, devices.get(device).name(), Quantity.LATENCY);
    Optional<DevicePredictor> predictor = predictors.of(slot);
    double slowdown = predictor.map(one -> one.slowdown(readings)).orElse(1.0);
    return Optional.of(
        new OnDevice(
            rounds.get((rounds.size() - 1) / 2),
            slowdown,
            predictor
                .filter(one -> one.knows(features))
                .map(one -> one.predict(features).times(slowdown))));
  }

  private static Slot slot(StoredArtifact network, String device, Quantity quantity) {
    return new Slot(device, new Form(network.record().precision().orElseThrow()), quantity);
  }

  private MeasuredNetwork network(
      StoredArtifact network, List<OnDevice> devices, FeatureVector features) {
    Map<String, Figure> figures = new LinkedHashMap<>();
    Map<String, Figure> predicted = new LinkedHashMap<>();
    ArtifactRecord record = network.record();
    add(figures, Metric.of(Quantity.ACCURACY), record.validationAccuracy().orElse(0));
    add(figures, Metric.of(Quantity.BYTES), network.bytes());
    add(figures, Metric.of(Quantity.PARAMETERS), record.parameters().orElse(0));
    add(figures, Metric.of(Quantity.MACS), record.macs().orElse(0));
    for (OnDevice on : devices) {
      String device = on.measured().device();
      for (Quantity quantity : Quantity.values()) {
        if (quantity.onDevice()) {
          on.measured()
              .value(quantity)
              .ifPresent(value -> add(figures, Metric.on(quantity, device), value));
        }
      }
      for (Quantity quantity : run.problem().quantities(device)) {
        predictors
            .of(slot(network, device, quantity))
            .filter(one -> one.knows(features))
            .map(one -> one.predict(features))
            .map(one -> quantity.unit().equals("ms") ? one.times(on.slowdown()) : one)
            .ifPresent(
                one ->
                    predicted.put(
                        Metric.on(quantity, device).name(),
                        new Figure(
                            Metric.on(quantity, device),
                            one.millis(),
                            one.lower(),
                            one.upper(),
                            Source.PREDICTED)));
      }
    }
    return new MeasuredNetwork(network, devices, figures, predicted);
  }

  private static void add(Map<String, Figure> figures, Metric metric, double value) {
    figures.put(metric.name(), Figure.measured(metric, value));
  }
}
