package dev.lathe.farm.table;

import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Reality;
import dev.lathe.farm.Sha256;
import dev.lathe.farm.Verdict;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.table.MeasurementTable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A column of published latencies. A measurement's samples are log-normal around the published
 * figure; each measurement draws anew, as a real device would give another one, and the same
 * sequence of measurements gives the same figures again.
 */
final class TableBackend implements MeasurementBackend {
  private static final String MILLIS = "_latency_ms";

  private final MeasurementTable table;
  private final double[] published;
  private final double noise;
  private final SplittableRandom random;
  private final DeviceFacts facts;

  TableBackend(MeasurementTable table, String column, double noise, long seed) {
    this.table = table;
    this.published = table.metric(column);
    if (!column.endsWith(MILLIS)) {
      throw new IllegalArgumentException(
          "column '%s' is no latency in milliseconds. Maybe one of: %s."
              .formatted(
                  column,
                  String.join(
                      ", ", table.metrics().stream().filter(m -> m.endsWith(MILLIS)).toList())));
    }
    this.noise = noise;
    this.random = new SplittableRandom(seed);
    String device = column.substring(0, column.length() - MILLIS.length());
    this.facts =
        new DeviceFacts(
            TableFactory.NAME,
            Reality.PUBLISHED,
            "table 1",
            Sha256.of(("lathe table " + column).getBytes(StandardCharsets.UTF_8)).substring(0, 32),
            device,
            0,
            1,
            List.of("float32"),
            List.of("latency", "latency.p90"),
            false,
            Map.of("table", table.name(), "column", column, "noise", Double.toString(noise)));
  }

  @Override
  public DeviceFacts facts() {
    return facts;
  }

  @Override
  public Measurement measure(Path onnx, MeasurementProtocol protocol)
      throws MeasurementFailed, InterruptedException {
    Architecture architecture;
    try {
      architecture =
          TableRow.of(OnnxGraph.read(onnx))
              .orElseThrow(
                  () ->
                      refused(
                          onnx,
                          "says of no architecture of a table in its metadata '%s'"
                              .formatted(TableRow.ARCHITECTURE),
                          null));
    } catch (RuntimeException e) {
      throw refused(onnx, String.valueOf(e.getMessage()) + " Maybe the path is wrong", e);
    }
    OptionalInt row = table.row(architecture);
    if (row.isEmpty() || !(published[row.getAsInt()] > 0)) {
      throw refused(
          onnx,
          "table '%s' has no figure of architecture %s".formatted(table.name(), architecture),
          null);
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before '%s' was looked up".formatted(onnx));
    }
    double[] samples = new double[protocol.minSamples()];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = published[row.getAsInt()] * Math.exp(noise * random.nextGaussian());
    }
    Map<String, String> environment = new TreeMap<>(facts.more());
    environment.put("processor", facts.processor());
    environment.put("reality", facts.reality().word());
    return Measurement.of(
            facts.runtime(),
            1,
            1,
            protocol.warmups(),
            protocol.name(),
            samples,
            0,
            0,
            InstantSource.system().instant(),
            environment)
        .with(Map.of(), Verdict.unknown("a published figure: nobody here saw the device"));
  }

  private static MeasurementFailed refused(Path onnx, String why, @Nullable Throwable cause) {
    return new MeasurementFailed(
        FailureKind.MODEL_REFUSED, "model '%s': %s.".formatted(onnx.getFileName(), why), cause);
  }

  @Override
  public void close() {}
}
