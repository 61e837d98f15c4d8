package dev.lathe.runs;

/**
 * A predictor with the report of its calibration.
 *
 * @param device name of the device
 * @param precision form of the networks, for example {@code float32}
 * @param metric symbol of what is predicted, for example {@code latency}
 * @param kind of model
 * @param samples networks it was fitted to
 * @param heldOut networks on which the following figures were taken
 * @param spearman rank correlation on held-out networks
 * @param mape mean absolute relative error, as a fraction
 * @param within10 share of held-out networks predicted within ±10 %
 * @param coverage90 share of held-out networks within the 90 % interval
 * @param seconds that calibration took, measurements included
 * @param json the predictor itself
 * @param provenance as JSON: runtime, measurements, the device's speed and repeatability, what more
 *     measurements would bring
 * @param space for which it was made: name and digest of its definition
 */
public record PredictorRecord(
    String device,
    String precision,
    String metric,
    String kind,
    int samples,
    int heldOut,
    double spearman,
    double mape,
    double within10,
    double coverage90,
    double seconds,
    String json,
    String provenance,
    String space) {}
