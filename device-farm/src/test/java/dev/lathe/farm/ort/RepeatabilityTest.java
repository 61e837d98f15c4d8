package dev.lathe.farm.ort;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.farm.Backends;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.Percentiles;
import dev.lathe.farm.TestModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figures that only a quiet machine can give. */
@Tag("slow")
class RepeatabilityTest {
  private static final int CHILDREN = 3;
  private static final int REPEATS = 8;

  @TempDir Path folder;

  @Test
  void medians_ofTheSameModel_differLittle() throws Exception {
    List<Path> models = new ArrayList<>();
    int[][] shapes = {{8, 1, 16}, {8, 2, 32}, {16, 2, 32}, {16, 4, 32}, {24, 4, 32}, {32, 6, 48}};
    for (int[] shape : shapes) {
      models.add(
          TestModels.file(
              folder,
              "m%d-%d-%d.onnx".formatted(shape[0], shape[1], shape[2]),
              TestModels.mobile(shape[0], shape[1], shape[2])));
    }
    double[][] p50 = new double[models.size()][CHILDREN * REPEATS];
    double[][] sentinel = new double[models.size()][CHILDREN * REPEATS];
    int failures = 0;
    int repeats = 0;
    long nanos = 0;
    for (int child = 0; child < CHILDREN; child++) {
      try (MeasurementBackend backend = Backends.open("cpu", Map.of())) {
        backend.measureTogether(models, MeasurementProtocol.quick(1));
        for (int repeat = 0; repeat < REPEATS; repeat++) {
          for (int m = 0; m < models.size(); m++) {
            long start = System.nanoTime();
            Outcome outcome =
                backend
                    .measureTogether(List.of(models.get(m)), MeasurementProtocol.quick(1))
                    .getFirst();
            nanos += System.nanoTime() - start;
            if (outcome instanceof Outcome.Measured(var measurement)) {
              p50[m][child * REPEATS + repeat] = measurement.p50();
              sentinel[m][child * REPEATS + repeat] =
                  (measurement.sentinelBeforeMillis() + measurement.sentinelAfterMillis()) / 2;
              repeats += Integer.parseInt(measurement.environment().get("repeats"));
            } else {
              failures++;
            }
          }
        }
      }
    }
    System.out.printf(
        "%.1f measurements/s, %d taken again, %d rejected%n",
        1e9 * CHILDREN * REPEATS * models.size() / nanos, repeats, failures);
    List<Double> spreads = new ArrayList<>();
    for (int m = 0; m < models.size(); m++) {
      double[] ratios = new double[p50[m].length];
      for (int i = 0; i < ratios.length; i++) {
        ratios[i] = p50[m][i] / sentinel[m][i];
      }
      System.out.printf(
          "%s: %s; of the sentinel's %s%n",
          models.get(m).getFileName(), spread(p50[m]), spread(ratios));
      spreads.add(Percentiles.of(deviations(p50[m])).p50());
    }
    assertThat(failures).isZero();
    assertThat(spreads).allMatch(spread -> spread < 0.03);
  }

  private static double[] deviations(double[] values) {
    double median = Percentiles.of(values).p50();
    double[] deviations = new double[values.length];
    for (int i = 0; i < deviations.length; i++) {
      deviations[i] = Math.abs(values[i] / median - 1);
    }
    return deviations;
  }

  private static String spread(double[] values) {
    Percentiles deviations = Percentiles.of(deviations(values));
    StringBuilder text =
        new StringBuilder(
            "%.4f, deviation median %.1f %%, p90 %.1f %%:"
                .formatted(
                    Percentiles.of(values).p50(), 100 * deviations.p50(), 100 * deviations.p90()));
    for (double value : values) {
      text.append(" %+.1f".formatted(100 * (value / Percentiles.of(values).p50() - 1)));
    }
    return text.toString();
  }
}
