package dev.lathe.service.farm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.PredictorRow;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Whether a predictor still tells of its device: the runtime must be that of its measurements, and
 * the device's sentinel, a network that never changes, must take as long as then.
 */
@Singleton
public class PredictorFreshness {
  /** A sentinel that takes a tenth longer, or shorter, makes a predictor stale. */
  public static final double MOST_DRIFT = 0.1;

  private static final int LATEST = 20;

  private final ObjectMapper json;

  PredictorFreshness(ObjectMapper json) {
    this.json = json;
  }

  /**
   * How a predictor stands.
   *
   * @param drift how much longer the sentinel took in the device's latest measurements than when
   *     the predictor was made, 0.1 is 10 percent; 0 where that was not noted
   * @param fresh whether runtime and sentinel are as then
   */
  public record Freshness(double drift, boolean fresh) {}

  /** Judges a predictor, within a transaction. */
  public Freshness of(PredictorRow predictor, DeviceRow device) {
    JsonNode made = provenance(predictor);
    double then = made.path("sentinelMillis").asDouble();
    List<MeasurementRow> latest =
        MeasurementRow.<MeasurementRow>find("deviceId = ?1 order by id desc", device.number())
            .page(0, LATEST)
            .list();
    double[] sentinels =
        latest.stream()
            .flatMapToDouble(
                row -> DoubleStream.of(row.sentinelBeforeMillis, row.sentinelAfterMillis))
            .sorted()
            .toArray();
    if (made.isEmpty() || sentinels.length == 0 || !(then > 0)) {
      return new Freshness(0, false);
    }
    double drift = median(sentinels) / then - 1;
    boolean same = made.path("runtime").asText().equals(device.runtime);
    return new Freshness(drift, same && Math.abs(drift) <= MOST_DRIFT);
  }

  private static double median(double[] sorted) {
    return Arrays.stream(sorted, (sorted.length - 1) / 2, sorted.length / 2 + 1)
        .average()
        .orElseThrow();
  }

  private JsonNode provenance(PredictorRow predictor) {
    try {
      return json.readTree(predictor.provenance);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the provenance of predictor %s cannot be read".formatted(predictor.id), e);
    }
  }
}
