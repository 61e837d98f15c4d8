package dev.lathe.farm.ort;

import dev.lathe.farm.BackendFactory;
import dev.lathe.farm.BackendOption;
import dev.lathe.farm.BackendSettings;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import java.util.List;
import java.util.function.UnaryOperator;

/** {@code cpu}: ONNX Runtime on this machine's processor, x86-64 or arm64. */
public final class CpuFactory implements BackendFactory {
  @Override
  public String name() {
    return Provider.CPU.backend();
  }

  @Override
  public String summary() {
    return "ONNX Runtime on this machine's processor (x86-64 or arm64)";
  }

  @Override
  public List<BackendOption> options() {
    return ProcessSettings.OPTIONS;
  }

  @Override
  public MeasurementBackend open(BackendSettings settings)
      throws MeasurementFailed, InterruptedException {
    return OrtBackend.start(
        ProcessSettings.of(settings),
        Provider.CPU,
        MeasurementChild.class,
        ProcessSettings.history(settings),
        UnaryOperator.identity());
  }
}
