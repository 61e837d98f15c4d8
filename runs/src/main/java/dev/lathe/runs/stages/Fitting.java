package dev.lathe.runs.stages;

import dev.lathe.latency.Calibration;
import dev.lathe.latency.CalibrationReport;
import dev.lathe.latency.DeviceSpeed;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.latency.MeasurementSeries;
import dev.lathe.latency.Reading;
import dev.lathe.latency.Sample;
import dev.lathe.latency.Transfer;
import dev.lathe.latency.calibration.LearningCurve;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.MeasurementException;
import dev.lathe.runs.MeasurementOutcome.Measured;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.runs.stages.Calibrating.Place;
import dev.lathe.runs.stages.Calibrating.Series;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/** Fits and stores the predictors of one form on one device. */
final class Fitting {
  private final Run run;
  private final CalibrationPlan plan;
  private final Transfers transfers;
  private final double seconds;

  /**
   * @param seconds that measuring for these predictors took
   */
  Fitting(Run run, CalibrationPlan plan, Transfers transfers, double seconds) {
    this.run = run;
    this.plan = plan;
    this.transfers = transfers;
    this.seconds = seconds;
  }

  void fit(Place place, Series series) {
    for (Quantity quantity : run.problem().quantities(place.device())) {
      fit(
          new Slot(place.device(), place.form(), quantity),
          series,
          quantity == Quantity.LATENCY ? series.readings() : readings(place, series, quantity));
    }
  }

  /** The readings of another quantity than the median latency. */
  private static MeasurementSeries readings(Place place, Series series, Quantity quantity) {
    MeasurementSeries readings = new MeasurementSeries(series.features());
    for (int i = 0; i < series.used().size(); i++) {
      Measured measured = series.used().get(i);
      OptionalDouble value = measured.value(quantity);
      if (value.isEmpty() || !(value.getAsDouble() > 0)) {
        throw new MeasurementException(
            "device '%s' does not report %s. Maybe leave '%s@%s' out of objectives and constraints."
                .formatted(place.device(), quantity.title(), quantity.symbol(), place.device()));
      }
      boolean time = quantity.unit().equals("ms");
      readings.add(
          series.networks().get(i),
          new Reading(
              value.getAsDouble(),
              time ? measured.sentinelBeforeMillis() : 1,
              time ? measured.sentinelAfterMillis() : 1));
    }
    return readings;
  }

  private void fit(Slot slot, Series series, MeasurementSeries readings) {
    List<Sample> samples = series.used().isEmpty() ? List.of() : readings.samples();
    Place place = new Place(slot.device(), slot.form());
    Optional<Transfer> transfer =
        transfers.to(place).filter(_ -> samples.size() >= Transfer.LEAST_SAMPLES);
    boolean many = samples.size() >= GraphLatencyPredictor.LEAST_SAMPLES;
    if (!many && transfer.isEmpty()) {
      throw new MeasurementException(
          "only %d of %d %s networks could be measured on '%s', a predictor needs %d: %s"
              .formatted(
                  samples.size(),
                  series.files().size(),
                  slot.form(),
                  slot.device(),
                  GraphLatencyPredictor.LEAST_SAMPLES,
                  series.failures().isEmpty()
                      ? "settings.calibrationNetworks is too small."
                      : series.failures().getFirst()));
    }
    Calibration calibration =
        many
            ? GraphLatencyPredictor.calibrate(samples, run.request().seed())
            : transfer.get().calibrate(samples);
    CalibrationReport report = calibration.report();
    DeviceSpeed speed = readings.speed();
    Optional<MeasurementSeries.Repeatability> repeatability = readings.repeatability();
    Optional<LearningCurve> curve =
        many ? Optional.of(LearningCurve.of(samples, run.request().seed())) : Optional.empty();
    OptionalInt more = curve.map(of -> of.moreToHalve(samples.size())).orElse(OptionalInt.empty());
    run.store()
        .predictor(
            new PredictorRecord(
                slot.device(),
                slot.form().name(),
                slot.quantity().symbol(),
                report.kind(),
                report.samples(),
                report.heldOut(),
                report.spearman(),
                report.mape(),
                report.within10(),
                report.coverage90(),
                seconds,
                calibration.predictor().toJson(),
                Facts.write(
                    new Provenance(
                        series.used().getFirst().runtime(),
                        speed.referenceMillis(),
                        speed.exponent(),
                        speed.drift(),
                        repeatability.map(r -> r.medianDifference()).orElse(0.0),
                        repeatability.map(r -> r.within10()).orElse(1.0),
                        report.medianWidth(),
                        series.used().stream().map(Measured::measurementId).toList(),
                        plan.stopped(place),
                        curve.map(LearningCurve::points).orElse(List.of()),
                        more,
                        more.orElse(0) * seconds / samples.size())),
                run.spaceKey()));
  }
}
