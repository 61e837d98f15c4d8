package dev.lathe.compress;

/**
 * How well an output keeps the original one.
 *
 * @param name of the output
 * @param sqnrDecibels signal to noise; infinite if it is the same to the bit, NaN if it is not
 *     finite
 */
public record OutputError(String name, double sqnrDecibels) {}
