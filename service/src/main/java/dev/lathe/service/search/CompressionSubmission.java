package dev.lathe.service.search;

import org.jspecify.annotations.Nullable;

/**
 * What a user sends to compress a model: {@code artifact} or {@code model}, and a recipe.
 *
 * @param name for people
 * @param artifact id of an ONNX file that a run made
 * @param model SHA-256 of an ONNX file that was sent before
 * @param recipe name, as {@code int8} or {@code weights4+fine-tune}, or the YAML text of one
 * @param data to calibrate and judge with: {@code builtin}, {@code dataset:NAME}, or {@code
 *     noise:COUNT}, the default
 * @param seed of data, noise and training
 * @param device to measure on, by name
 * @param measure whether to measure; true by default
 */
public record CompressionSubmission(
    @Nullable String name,
    @Nullable String artifact,
    @Nullable String model,
    @Nullable String recipe,
    @Nullable String data,
    @Nullable Long seed,
    @Nullable String device,
    @Nullable Boolean measure) {}
