package dev.lathe.runs.stages;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.latency.Reading;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementOutcome.Measured;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.StoredArtifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Measures every network that was written. The list is gone through several times, so that a slow
 * spell of the machine does not fall on one network alone; the round with the median figure counts.
 * The figure is what was measured; a prediction is for the machine's speed at this time, told by
 * its sentinel.
 */
final class Measuring {
  private static final int ROUNDS = 3;

  private final Run run;
  private final Calibrating.Predictors predictors;

  Measuring(Run run, Calibrating.Predictors predictors) {
    this.run = run;
    this.predictors = predictors;
  }

  /**
   * A written network with its latency on the search's device.
   *
   * @param slowdown how much longer the device took now than at calibration, as its sentinel says
   * @param predicted for the device's speed now
   */
  record MeasuredNetwork(
      StoredArtifact artifact, Measured measured, double slowdown, Estimate predicted) {
    double validationAccuracy() {
      return artifact.record().validationAccuracy().orElse(0);
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
    List<MeasurementRequest> requests = new ArrayList<>();
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (int round = 1; round <= ROUNDS; round++) {
      for (StoredArtifact network : networks) {
        byte[] file = files.computeIfAbsent(network.record().key(), _ -> read(network));
        requests.add(
            new MeasurementRequest(
                "final-%d-%s".formatted(round, network.record().key()),
                file,
                network.record().precision().orElseThrow(),
                "quick"));
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
    List<Reading> readings =
        outcomes.stream()
            .filter(Measured.class::isInstance)
            .map(outcome -> Calibrating.reading((Measured) outcome))
            .toList();
    List<MeasuredNetwork> measured = new ArrayList<>();
    for (int n = 0; n < networks.size(); n++) {
      StoredArtifact network = networks.get(n);
      List<Measured> rounds = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        switch (outcomes.get(round * networks.size() + n)) {
          case Measured one -> rounds.add(one);
          case MeasurementOutcome.Failed failed ->
              run.progress(
                  Stage.MEASURING,
                  1,
                  "%s could not be measured: %s"
                      .formatted(network.record().key(), failed.message()));
        }
      }
      if (!rounds.isEmpty()) {
        rounds.sort(Comparator.comparingDouble(Measured::p50Millis));
        DevicePredictor predictor = predictor(network);
        double slowdown = predictor.slowdown(readings);
        Estimate estimate =
            predictor.predict(
                GraphFeatures.of(OnnxGraph.parse(files.get(network.record().key())), 1));
        measured.add(
            new MeasuredNetwork(
                network, rounds.get((rounds.size() - 1) / 2), slowdown, estimate.times(slowdown)));
      }
    }
    return measured;
  }

  private DevicePredictor predictor(StoredArtifact network) {
    return network.record().precision().orElseThrow().equals("int8")
        ? predictors.int8()
        : predictors.float32();
  }

  private static byte[] read(StoredArtifact network) {
    try {
      return Files.readAllBytes(network.path());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read '%s' from the artifact store: %s"
              .formatted(network.record().key(), e.getMessage()),
          e);
    }
  }
}
