package dev.lathe.service.search;

import dev.lathe.service.farm.PredictorFreshness;
import dev.lathe.service.pipeline.InvalidSearch;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.PredictorRow;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  private final PredictorFreshness freshness;

  Calibrations(Searches searches, PredictorFreshness freshness) {
    this.searches = searches;
    this.freshness = freshness;
  }

  /**
   * Launches a calibration.
   *
   * @throws InvalidSearch naming the field that is wrong
   */
  public SearchRow launch(DeviceRow device, CalibrationSubmission wanted, Optional<String> key) {
    Map<String, Object> settings = new LinkedHashMap<>();
    if (wanted.networks() != null) {
      settings.put("calibrationNetworks", wanted.networks());
    }
    if (wanted.targetError() != null) {
      settings.put("targetError", wanted.targetError());
    }
    return searches.launch(
        new SearchSubmission(
            TITLE + device.name,
            wanted.data(),
            wanted.seed(),
            wanted.minutes(),
            device.name,
            wanted.space(),
            null,
            settings,
            null),
        key,
        RunKind.CALIBRATION);
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
   * The newest predictors of a device, one a precision, if all of them are fresh (see {@link
   * PredictorFreshness}); none otherwise.
   *
   * @param space name that they must be of; any if empty
   */
  public List<PredictorRow> fresh(DeviceRow device, Optional<String> space) {
    return Transactions.call(
        () -> {
          Map<String, PredictorRow> newest = new LinkedHashMap<>();
          PredictorRow.<PredictorRow>find("device = ?1 order by id desc", device.name).stream()
              .filter(
                  row ->
                      space.isEmpty()
                          || row.space.equals(space.get())
                          || row.space.startsWith(space.get() + "@"))
              .forEach(row -> newest.putIfAbsent(row.precision, row));
          boolean all = newest.values().stream().allMatch(row -> freshness.of(row, device).fresh());
          return all ? List.copyOf(newest.values()) : List.of();
        });
  }
}
