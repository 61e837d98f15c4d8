package dev.lathe.service.search;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.stages.StagedSearch;
import dev.lathe.service.farm.PredictorFreshness;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.PredictorRow;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/**
 * Calibrations of devices on their own. Each is a run as a search is: queued with them, one at a
 * time, resumed after a restart, paused and cancelled by its number.
 */
@ApplicationScoped
public class Calibrations {
  /** Before the name of the device. */
  private static final String TITLE = "calibration of ";

  private final Searches searches;
  private final Inputs inputs;
  private final PredictorFreshness freshness;

  Calibrations(Searches searches, Inputs inputs, PredictorFreshness freshness) {
    this.searches = searches;
    this.inputs = inputs;
    this.freshness = freshness;
  }

  /**
   * Launches a calibration.
   *
   * @throws InvalidSearch naming the field that is wrong
   */
  public SearchRow launch(DeviceRow device, CalibrationSubmission wanted, Optional<String> key) {
    return searches.launch(request(device, wanted), key, RunKind.CALIBRATION);
  }

  private static SearchRequest request(DeviceRow device, CalibrationSubmission wanted) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", TITLE + device.name);
    json.putArray("devices").add(device.name);
    if (wanted.data() != null) {
      json.put("data", wanted.data());
    }
    if (wanted.seed() != null) {
      json.put("seed", wanted.seed());
    }
    if (wanted.minutes() != null) {
      json.put("minutes", wanted.minutes());
    }
    if (wanted.space() != null) {
      json.set("space", wanted.space());
    }
    ObjectNode settings = json.putObject("settings");
    if (wanted.networks() != null) {
      settings.put("calibrationNetworks", wanted.networks());
    }
    if (wanted.targetError() != null) {
      settings.put("targetError", wanted.targetError());
    }
    return RequestJson.read(json);
  }

  /** Calibrations of a device, the newest first. */
  public List<SearchRow> of(DeviceRow device) {
    return Transactions.call(
        () ->
            SearchRow.<SearchRow>list(
                "kind = ?1 and name = ?2 order by id desc",
                RunKind.CALIBRATION,
                TITLE + device.name));
  }

  /** Name of the device of a calibration. */
  public static String device(SearchRow calibration) {
    return calibration.name.substring(TITLE.length());
  }

  /** A calibration. */
  public Optional<SearchRow> find(long id) {
    return searches.find(id).filter(row -> row.kind == RunKind.CALIBRATION);
  }

  /**
   * The newest predictors of a device for the space that a calibration would be for, if there is
   * one a precision and all are fresh (see {@link PredictorFreshness}); none otherwise, nor where
   * the images must be read to know the space.
   *
   * @throws InvalidSearch if there is no such space
   */
  public List<PredictorRow> fresh(DeviceRow device, CalibrationSubmission wanted) {
    return StagedSearch.spaceKey(inputs.resolve(request(device, wanted)))
        .map(space -> fresh(device, space))
        .orElse(List.of());
  }

  private List<PredictorRow> fresh(DeviceRow device, String space) {
    return Transactions.call(
        () -> {
          List<PredictorRow> fresh =
              StagedSearch.precisions().stream()
                  .flatMap(precision -> newest(device, space, precision).stream())
                  .filter(row -> freshness.of(row, device).fresh())
                  .toList();
          return fresh.size() == StagedSearch.precisions().size() ? fresh : List.of();
        });
  }

  private static Optional<PredictorRow> newest(DeviceRow device, String space, String precision) {
    return PredictorRow.<PredictorRow>find(
            "device = ?1 and space = ?2 and precision = ?3 and metric = 'latency' order by id desc",
            device.name,
            space,
            precision)
        .firstResultOptional();
  }
}
