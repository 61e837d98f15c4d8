package dev.lathe.farm.ort;

/** {@code cuda}: ONNX Runtime with NVIDIA's libraries. */
public final class CudaFactory extends GpuFactory {
  public CudaFactory() {
    super(Provider.CUDA, "ONNX Runtime on an NVIDIA GPU, by CUDA");
  }
}
