package dev.lathe.runs;

/**
 * A network to be measured.
 *
 * @param key unique within the search and device and the same after a restart; measurements are
 *     replayed by it
 * @param device name of the device that measures
 * @param model an ONNX file without external data
 * @param precision {@code float32}, {@code int8}, …
 * @param protocol {@code quick} (at least 64 samples) or {@code full} (at least 1 024 samples and
 *     60 seconds)
 */
public record MeasurementRequest(
    String key, String device, byte[] model, String precision, String protocol) {}
