package dev.lathe.farm.ort;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;

/** What of ONNX Runtime runs a model. */
enum Provider {
  /** Its own kernels, on the processor. */
  CPU("cpu"),
  /** NVIDIA's libraries, on a GPU. */
  CUDA("cuda"),
  /** NVIDIA's compiler, on a GPU; what it cannot take goes to {@link #CUDA}. */
  TENSORRT("tensorrt");

  private final String backend;

  Provider(String backend) {
    this.backend = backend;
  }

  /** The name of the back end that measures with it. */
  String backend() {
    return backend;
  }

  /** Has a session use it. */
  void addTo(SessionOptions options) throws OrtException {
    switch (this) {
      case CPU -> {}
      case CUDA -> options.addCUDA(0);
      case TENSORRT -> {
        options.addTensorrt(0);
        options.addCUDA(0);
      }
    }
  }
}
