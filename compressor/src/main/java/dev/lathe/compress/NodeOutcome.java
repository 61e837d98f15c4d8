package dev.lathe.compress;

/**
 * What became of one node of the original model.
 *
 * @param name the node's name, or its first output where it has none
 * @param opType its operator
 * @param form what it is after quantization
 * @param becomes the operator that ONNX Runtime runs in its place; empty where that is not known
 * @param reason why it is not integer; empty for integer nodes
 * @param weightDecibels signal to noise of its quantized weights; NaN for a node without
 */
public record NodeOutcome(
    String name, String opType, Form form, String becomes, String reason, double weightDecibels) {
  /** What a node is after quantization. */
  public enum Form {
    /** Computes with integers in ONNX Runtime. */
    INTEGER,
    /** Vanished: the clamp of the node before does its work, or it only moves integers. */
    ABSORBED,
    /** Computes with floating-point numbers. */
    FLOAT
  }
}
