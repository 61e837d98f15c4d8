package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import java.util.Set;

/**
 * Post-training quantization to 8-bit integers: unsigned activations, one scale a tensor; signed
 * symmetric weights in −127 … 127, one scale an output channel; 32-bit biases; written with
 * QuantizeLinear and DequantizeLinear such that ONNX Runtime computes with integers (Jacob et al.,
 * arXiv:1712.05877; Krishnamoorthi, arXiv:1806.08342).
 */
public final class Int8Quantization {
  private Int8Quantization() {}

  /**
   * Quantizes a model of one single-precision input.
   *
   * @throws CompressionException if the model has several inputs, an operator set before 13, no
   *     node that can be quantized, or activations that are not finite
   */
  public static Quantized quantize(
      OnnxGraph floatModel, CalibrationData data, Int8Options options) {
    long start = System.nanoTime();
    CalibratedModel calibrated = CalibratedModel.of(floatModel, data, options);
    CalibratedModel.Draft draft = calibrated.draft(Set.of());
    return calibrated.finish(draft, (System.nanoTime() - start) / 1e9);
  }
}
