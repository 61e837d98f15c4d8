package dev.lathe.cli.compress;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lathe.cli.client.ServiceClient;
import dev.lathe.compress.Calibrator;
import dev.lathe.compress.Int8Options;
import dev.lathe.compress.Int8Quantization;
import dev.lathe.compress.Noise;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.command.BackendChoice;
import dev.lathe.latency.FusedKernels;
import dev.lathe.latency.Roofline;
import dev.lathe.latency.RooflineProbes;
import dev.lathe.onnx.OnnxGraph;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The roofline of a device, and what the inspected model was measured to take if the device is this
 * machine.
 */
record DeviceRoofline(Roofline roofline, int measurements, OptionalDouble measuredMillis) {
  private static final Int8Options QUICK =
      Int8Options.DEFAULT
          .withCalibrator(new Calibrator.MinMax())
          .withEqualize(false)
          .withCorrectBias(false)
          .withImages(8);

  /** A roofline tells factors: a machine that is not quiet will do. */
  private static final double MOST_DRIFT = 0.3;

  /** Measures small networks of the same precision, and the model, on this machine. */
  static DeviceRoofline local(Path model, boolean integer, BackendChoice choice)
      throws IOException, MeasurementFailed, InterruptedException {
    Path folder = Files.createTempDirectory("lathe-roofline-");
    List<Path> files = new ArrayList<>();
    try {
      List<OnnxGraph> probes = new ArrayList<>();
      for (OnnxGraph probe : RooflineProbes.graphs()) {
        OnnxGraph graph =
            integer
                ? Int8Quantization.quantize(probe, Noise.of(probe, 8, 1), QUICK).model()
                : probe;
        Path file = folder.resolve(probe.name() + ".onnx");
        graph.write(file);
        probes.add(graph);
        files.add(file);
      }
      List<Path> all = new ArrayList<>(files);
      all.add(model);
      List<Outcome> outcomes;
      try (MeasurementBackend backend =
          choice.open(
              BackendChoice.usersHistory(),
              Map.of("max-drift", Double.toString(MOST_DRIFT), "noisy-repeats", "0"))) {
        outcomes = backend.measureTogether(all, MeasurementProtocol.quick(1));
      }
      List<Roofline.Measured> samples = new ArrayList<>();
      for (int i = 0; i < probes.size(); i++) {
        samples.add(new Roofline.Measured(FusedKernels.of(probes.get(i), 1), p50(outcomes.get(i))));
      }
      return new DeviceRoofline(
          Roofline.fit(samples), samples.size(), OptionalDouble.of(p50(outcomes.getLast())));
    } finally {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(folder);
    }
  }

  private static double p50(Outcome outcome) throws MeasurementFailed {
    return switch (outcome) {
      case Outcome.Measured(Measurement measurement) -> measurement.p50();
      case Outcome.Failed(var kind, String message) -> throw new MeasurementFailed(kind, message);
    };
  }

  /** That of a device of a running service, from the measurements that it has on record. */
  static DeviceRoofline of(ServiceClient service, String device, boolean integer)
      throws IOException {
    for (JsonNode known : service.get("devices")) {
      if (known.path("name").asText().equals(device) || known.path("id").asText().equals(device)) {
        JsonNode answer =
            service.get(
                "devices/%s/roofline?precision=%s"
                    .formatted(known.path("id").asText(), integer ? "int8" : "float32"));
        return new DeviceRoofline(
            new Roofline(
                answer.path("macsPerMilli").asDouble(),
                answer.path("bytesPerMilli").asDouble(),
                answer.path("startMillis").asDouble(),
                answer.path("relativeWidth").asDouble()),
            answer.path("measurements").asInt(),
            OptionalDouble.empty());
      }
    }
    throw new IOException(
        "there is no device '%s'. Maybe 'local' for this machine, or list them: ./lathe device list"
            .formatted(device));
  }
}
