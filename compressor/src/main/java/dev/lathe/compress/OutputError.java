package dev.lathe.compress;

/**
 * How well an output keeps the original one.
 *
 * @param name of the output
 * @param sqnrDecibels signal to noise; infinite if it is the same to the bit, NaN if it is not
 *     finite
 * @param lower95 where the interval begins that has, with a confidence of 95 %, the figure on all
 *     inputs of the kind; NaN if too few were compared to tell
 * @param upper95 where it ends
 */
public record OutputError(String name, double sqnrDecibels, double lower95, double upper95) {}
