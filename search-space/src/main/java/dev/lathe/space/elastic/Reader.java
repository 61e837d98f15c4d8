package dev.lathe.space.elastic;

/**
 * Weights that multiply channels and add them up.
 *
 * @param node output of the node that does: a convolution or a matrix product
 * @param value what it takes
 * @param valueAxis dimension of {@code value} that counts the channels
 * @param weight the initializer
 * @param weightAxis dimension of {@code weight} that counts the channels
 */
public record Reader(String node, String value, int valueAxis, String weight, int weightAxis) {}
