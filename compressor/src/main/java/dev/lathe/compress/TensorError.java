package dev.lathe.compress;

/**
 * How well a quantized activation keeps the original one.
 *
 * @param value its name in the original model
 * @param min least value it can represent
 * @param max greatest value it can represent
 * @param ownDecibels signal to noise when only this tensor is quantized
 * @param accumulatedDecibels signal to noise in the quantized model, errors before it included
 */
public record TensorError(
    String value, double min, double max, double ownDecibels, double accumulatedDecibels) {}
