package dev.lathe.farm.android;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.onnxruntime.OrtEnvironment;
import dev.lathe.farm.Backends;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Programs;
import dev.lathe.farm.RunningBackendContract;
import dev.lathe.farm.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real {@code adb} and the real runner with ONNX Runtime, against a server that plays a phone:
 * everything but the phone. Needs {@code adb}.
 */
@Tag("slow")
class AndroidBackendTest extends RunningBackendContract {
  private static final MeasurementProtocol QUICK = MeasurementProtocol.quick(1);

  @TempDir static Path shared;

  private static FakeAdbServer server;
  private static Path runner;
  private MeasurementBackend backend;

  @BeforeAll
  static void plugIn() throws Exception {
    assumeThat(Programs.found("adb")).as("adb is on the path").isTrue();
    Path classes = Files.createDirectories(shared.resolve("classes"));
    String onnxruntime =
        Path.of(OrtEnvironment.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString();
    Path source = Path.of("../android-runner/src/main/java/dev/lathe/android/Runner.java");
    assertThat(
            ToolProvider.getSystemJavaCompiler()
                .run(
                    null,
                    null,
                    null,
                    "--release",
                    "8",
                    "-nowarn",
                    "-cp",
                    onnxruntime,
                    "-d",
                    classes.toString(),
                    source.toString()))
        .isZero();
    runner = Files.createDirectories(shared.resolve("runner"));
    Files.writeString(runner.resolve("runner.jar"), "dex");
    Files.writeString(runner.resolve("libonnxruntime.so"), "native");
    server =
        new FakeAdbServer(
            shared.resolve("phone"),
            """
            shift
            case "$2" in
              request.txt) if grep -q harm-segv model.onnx; then kill -11 $$; fi
                if grep -q harm-kill model.onnx; then kill -9 $$; fi
                if grep -q harm-hang model.onnx; then sleep 60; fi ;;
            esac
            exec %s -Xmx256m -cp %s:%s "$@"
            """
                .formatted(
                    Path.of(System.getProperty("java.home"), "bin", "java"), classes, onnxruntime));
  }

  @AfterAll
  static void close() throws Exception {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void open() throws Exception {
    server.plug();
    backend = open(Map.of());
  }

  private MeasurementBackend open(Map<String, String> more) throws Exception {
    Map<String, String> options = new TreeMap<>(more);
    options.put("port", Integer.toString(server.port()));
    options.put("runner", runner.toString());
    return Backends.open("android", options);
  }

  @AfterEach
  void leaveNothing() throws Exception {
    if (backend != null) {
      backend.close();
      assertThat(server.files()).isEmpty();
    }
  }

  @Override
  protected MeasurementBackend backend() {
    return backend;
  }

  @Test
  void facts_areThePhonesOwn() {
    assertThat(backend.facts().processor()).isEqualTo("Fake Phone 1, FK1000");
    assertThat(backend.facts().more()).containsEntry("android", "14");
    assertThat(backend.facts().quietHost()).as("a phone does not stop training").isFalse();
    assertThat(backend.facts().runtime()).startsWith("onnxruntime 1.");
  }

  @Test
  void measurement_saysHowThePhoneWas_andDeletesTheModel() throws Exception {
    Measurement found = backend.measure(models().getFirst(), QUICK);
    assertThat(found.environment())
        .containsEntry("batteryCelsius", "28.5")
        .containsEntry("batteryPercent", "77")
        .containsEntry("charging", "true");
    assertThat(found.figures()).containsKeys("coldStart", "load", "firstRun");
    assertThat(found.sentinelBeforeMillis()).isPositive();
    assertThat(server.files()).noneMatch(file -> file.endsWith("model.onnx"));
  }

  @Test
  void phoneThatIsHot_isWaitedForAndThenRefused() throws Exception {
    server.temperature(450);
    try (MeasurementBackend hasty = open(Map.of("cool-wait", "0"))) {
      assertThatThrownBy(() -> hasty.measure(models().getFirst(), QUICK))
          .hasMessageContaining("45.0 °C")
          .hasMessageContaining("Maybe");
    } finally {
      server.temperature(285);
    }
  }

  @Test
  void harm_isToldApartAndTheNextModelMeasured() throws Exception {
    Map<String, FailureKind> harms =
        Map.of(
            "harm-segv", FailureKind.CRASHED,
            "harm-kill", FailureKind.OUT_OF_MEMORY,
            "harm-hang", FailureKind.TIMED_OUT);
    try (MeasurementBackend hasty = open(Map.of("time-limit", "20"))) {
      for (Map.Entry<String, FailureKind> harm : harms.entrySet()) {
        Path model = Files.writeString(folder.resolve(harm.getKey() + ".onnx"), harm.getKey());
        assertThatThrownBy(() -> hasty.measure(model, QUICK))
            .isInstanceOf(MeasurementFailed.class)
            .hasMessageContaining(harm.getKey())
            .extracting(e -> ((MeasurementFailed) e).kind())
            .isEqualTo(harm.getValue());
        assertThat(hasty.measure(models().getFirst(), QUICK).p50()).isPositive();
      }
    }
  }

  @Test
  void phoneThatIsUnplugged_failsAsTheDevice_andGoesOnWhenItIsBack() throws Exception {
    Path model = TestModels.file(folder, "long.onnx", TestModels.mobile(16, 2, 32));
    MeasurementProtocol lasting = new MeasurementProtocol("long", 1, 10, 64, 20_000);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Thread.sleep(4000);
              } catch (InterruptedException e) {
                return;
              }
              server.unplug();
            });
    assertThatThrownBy(() -> backend.measure(model, lasting))
        .isInstanceOf(MeasurementFailed.class)
        .hasMessageContaining(FakeAdbServer.SERIAL)
        .extracting(e -> ((MeasurementFailed) e).kind())
        .isEqualTo(FailureKind.DEVICE);
    server.plug();
    assertThat(backend.measure(model, QUICK).p50()).isPositive();
  }

  @Test
  void adbThatSeesNoDevice_saysWhatToDo() {
    server.unplug();
    assertThatThrownBy(() -> open(Map.of()))
        .isInstanceOf(MeasurementFailed.class)
        .hasMessageContaining("adb sees 0 devices")
        .hasMessageContaining("USB debugging");
    server.plug();
    assertThat(List.of(server.unplugged.get())).isNotEmpty();
  }
}
