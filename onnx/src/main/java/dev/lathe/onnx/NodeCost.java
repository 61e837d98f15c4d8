package dev.lathe.onnx;

/**
 * What one node costs.
 *
 * @param name the node's name, or its first output where it has none
 * @param opType its operator
 * @param macs multiply-accumulate operations of convolutions and matrix products
 * @param parameters weights and biases that it uses and no node before it did
 * @param parameterBytes their bytes
 * @param outputBytes bytes of its results
 * @param liveBytes bytes of all activations that must be kept while it runs, its own among them
 */
public record NodeCost(
    String name,
    String opType,
    long macs,
    long parameters,
    long parameterBytes,
    long outputBytes,
    long liveBytes) {}
