package dev.lathe.runs;

/**
 * What is compressed, and how.
 *
 * @param model an ONNX file
 * @param recipe name, or YAML text
 * @param data to calibrate and judge with: a data set, or {@code noise:COUNT}
 * @param seed of data, noise and training
 * @param measured whether each step's file is measured on the device
 */
public record CompressionRequest(
    byte[] model, String recipe, String data, long seed, boolean measured) {}
