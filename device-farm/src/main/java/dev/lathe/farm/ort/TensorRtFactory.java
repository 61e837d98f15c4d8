package dev.lathe.farm.ort;

/** {@code tensorrt}: ONNX Runtime with NVIDIA's compiler. */
public final class TensorRtFactory extends GpuFactory {
  public TensorRtFactory() {
    super(Provider.TENSORRT, "ONNX Runtime on an NVIDIA GPU, by TensorRT");
  }
}
