package dev.lathe.latency;

/**
 * A predictor and what it is worth.
 *
 * @param predictor fitted on all samples
 * @param report its error on networks held out of the fit, by cross-validation
 */
public record Calibration(GraphLatencyPredictor predictor, CalibrationReport report) {}
