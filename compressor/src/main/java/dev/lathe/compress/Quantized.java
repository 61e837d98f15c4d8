package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;

/** A quantized model, and what quantization did to it. */
public record Quantized(OnnxGraph model, QuantizationReport report) {}
