package dev.lathe.farm.android;

import dev.lathe.farm.BackendFactory;
import dev.lathe.farm.BackendOption;
import dev.lathe.farm.BackendSettings;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** {@code android}: a phone on a cable, by adb. */
public final class AndroidFactory implements BackendFactory {
  static final String NAME = "android";
  private static final Set<String> PROVIDERS = Set.of("cpu", "xnnpack", "nnapi");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public String summary() {
    return "ONNX Runtime on an Android device, by adb (USB or network)";
  }

  @Override
  public List<BackendOption> options() {
    return List.of(
        new BackendOption("adb", "adb", "name or path of adb"),
        new BackendOption("port", "5037", "of adb's server"),
        new BackendOption("serial", "", "of the device; not needed if there is one alone"),
        new BackendOption("runner", "", "folder with runner.jar and ONNX Runtime's .so files"),
        new BackendOption("provider", "cpu", "cpu, xnnpack or nnapi"),
        new BackendOption("cores", "", "mask of the cores to stay on, hexadecimal, for taskset"),
        new BackendOption("cool", "40", "degrees Celsius of the battery to wait for"),
        new BackendOption("cool-wait", "600", "seconds to wait for that at most"),
        new BackendOption("time-limit", "120", "seconds for one model, sampling comes on top"));
  }

  @Override
  public MeasurementBackend open(BackendSettings settings)
      throws MeasurementFailed, InterruptedException {
    String provider = settings.required("provider");
    if (!PROVIDERS.contains(provider)) {
      throw new IllegalArgumentException(
          "option 'provider' of back end 'android' must be cpu, xnnpack or nnapi, not '%s'."
              .formatted(provider));
    }
    String cores = settings.text("cores").orElse("");
    if (!cores.matches("[0-9a-fA-F]{0,16}")) {
      throw new IllegalArgumentException(
          "option 'cores' of back end 'android' must be a hexadecimal mask such as f0, not '%s'."
              .formatted(cores));
    }
    Path runner = settings.path("runner");
    if (!Files.isReadable(runner.resolve("runner.jar"))) {
      throw new IllegalArgumentException(
          "there is no 'runner.jar' in '%s'. Maybe build it: ./mvnw -Pandroid -pl android-runner package."
              .formatted(runner));
    }
    String program = settings.required("adb");
    int port = settings.integer("port", 1, 65_535);
    return AndroidBackend.open(
        new Adb(program, port, serial(settings, Adb.devices(program, port))),
        new AndroidBackend.Settings(
            runner,
            provider,
            cores,
            settings.number("cool", 0, 100),
            Duration.ofSeconds(settings.integer("cool-wait", 0, 86_400)),
            Duration.ofSeconds(settings.integer("time-limit", 1, 86_400))));
  }

  private static String serial(BackendSettings settings, List<String> devices)
      throws MeasurementFailed {
    String wanted = settings.text("serial").orElse("");
    if (wanted.isEmpty() && devices.size() == 1) {
      return devices.getFirst();
    }
    if (devices.contains(wanted)) {
      return wanted;
    }
    throw new MeasurementFailed(
        FailureKind.DEVICE,
        wanted.isEmpty()
            ? "adb sees %d devices%s. Maybe %s."
                .formatted(
                    devices.size(),
                    devices.isEmpty() ? "" : ": " + String.join(", ", devices),
                    devices.isEmpty()
                        ? "plug one in and allow USB debugging on its screen"
                        : "name one with -o serial=…")
            : "adb does not see device '%s', only %s. Maybe allow USB debugging on its screen."
                .formatted(wanted, devices));
  }
}
