package dev.lathe.farm.ort;

import ai.onnxruntime.OrtEnvironment;
import dev.lathe.farm.BackendFactory;
import dev.lathe.farm.BackendOption;
import dev.lathe.farm.BackendSettings;
import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A GPU by one of ONNX Runtime's providers. */
abstract sealed class GpuFactory implements BackendFactory permits CudaFactory, TensorRtFactory {
  private static final Path DEVICE = Path.of("/dev/nvidia0");
  private static final String NATIVES = "/ai/onnxruntime/native/linux-x64/";

  private final Provider provider;
  private final String summary;

  GpuFactory(Provider provider, String summary) {
    this.provider = provider;
    this.summary = summary;
  }

  @Override
  public String name() {
    return provider.backend();
  }

  @Override
  public String summary() {
    return summary;
  }

  @Override
  public List<BackendOption> options() {
    List<BackendOption> options = new ArrayList<>(ProcessSettings.OPTIONS);
    options.add(new BackendOption("nvidia-smi", "nvidia-smi", "name or path of nvidia-smi"));
    return List.copyOf(options);
  }

  @Override
  public Optional<String> absence() {
    if (!Files.exists(DEVICE)) {
      return Optional.of(
          "this machine has no NVIDIA GPU ('%s' is missing). Maybe its driver is not installed."
              .formatted(DEVICE));
    }
    String library = "libonnxruntime_providers_%s.so".formatted(provider.backend());
    return OrtEnvironment.class.getResource(NATIVES + library) == null
        ? Optional.of(
            "this Lathe has ONNX Runtime without GPUs. Maybe build it with ./mvnw -Ponnxruntime-gpu -DskipTests package.")
        : Optional.empty();
  }

  @Override
  public MeasurementBackend open(BackendSettings settings)
      throws MeasurementFailed, InterruptedException {
    return open(settings, MeasurementChild.class);
  }

  MeasurementBackend open(BackendSettings settings, Class<?> childMain)
      throws MeasurementFailed, InterruptedException {
    GpuFacts gpu = GpuFacts.read(settings.required("nvidia-smi"));
    return OrtBackend.start(
        ProcessSettings.of(settings),
        provider,
        childMain,
        ProcessSettings.history(settings),
        host -> described(host, gpu));
  }

  private static DeviceFacts described(DeviceFacts host, GpuFacts gpu) {
    return new DeviceFacts(
        host.backend(),
        host.reality(),
        host.runtime(),
        host.host(),
        gpu.name(),
        gpu.memoryBytes(),
        1,
        List.of("float32", "half", "int8-portable"),
        List.of("latency", "latency.p90", "coldStart", "throughput"),
        true,
        gpu.more());
  }
}
