package dev.lathe.farm.android;

import dev.lathe.farm.Circumstances;
import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.SentinelHistory;
import dev.lathe.farm.SentinelModel;
import dev.lathe.farm.VerdictRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * ONNX Runtime on an Android device. Everything lies in one folder of the device that its agent
 * clears when it begins and when it ends; a model, its request and its result are deleted after
 * each measurement. The device is waited for until it is cool, and may be unplugged at any time:
 * that measurement fails as the device's failure, and the next one begins anew.
 */
final class AndroidBackend implements MeasurementBackend {
  static final String FOLDER = "/data/local/tmp/lathe-farm";
  private static final String RUNNER = "dev.lathe.android.Runner";

  /** Ends the runner, if the process whose number was noted still is one. */
  private static final String END_RUNNER =
      "cd %s && p=$(cat pid) && grep -q %s /proc/$p/cmdline && kill -9 $p; true"
          .formatted(FOLDER, RUNNER);

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);
  private static final int KILLED = 137;
  private static final int SIGNAL = 128;
  private static final int ADB_FAILED = 255;

  /**
   * How to measure.
   *
   * @param runner folder with {@code runner.jar} and the native libraries
   * @param provider {@code cpu}, {@code xnnpack} or {@code nnapi}
   * @param cores mask for taskset, empty for all
   * @param coolCelsius of the battery, before a measurement begins
   * @param coolWait for that at most
   * @param timeLimit for one model; sampling comes on top
   */
  record Settings(
      Path runner,
      String provider,
      String cores,
      double coolCelsius,
      Duration coolWait,
      Duration timeLimit) {}

  private final Adb adb;
  private final Settings settings;
  private final Path scratch;
  private final SentinelHistory history = SentinelHistory.inMemory();
  private final DeviceFacts facts;
  private boolean installed;

  private AndroidBackend(Adb adb, Settings settings, Path scratch)
      throws MeasurementFailed, InterruptedException {
    this.adb = adb;
    this.settings = settings;
    this.scratch = scratch;
    install();
    this.facts = PhoneFacts.read(adb, version(), settings.provider());
  }

  static AndroidBackend open(Adb adb, Settings settings)
      throws MeasurementFailed, InterruptedException {
    try {
      return new AndroidBackend(adb, settings, Files.createTempDirectory("lathe-android-"));
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "a folder for results cannot be made (%s).".formatted(e.getMessage()),
          e);
    }
  }

  @Override
  public DeviceFacts facts() {
    return facts;
  }

  @Override
  public boolean isThere() throws InterruptedException {
    return adb.isThere();
  }

  /** Clears the folder on the device and brings the runner and the sentinel there. */
  private void install() throws MeasurementFailed, InterruptedException {
    adb.shell(END_RUNNER);
    adb.shell("rm -rf %1$s && mkdir -p %1$s".formatted(FOLDER));
    try {
      Path sentinel = Files.write(scratch.resolve("sentinel.onnx"), SentinelModel.bytes());
      adb.push(sentinel, FOLDER + "/sentinel.onnx");
      try (Stream<Path> files = Files.list(settings.runner())) {
        for (Path file : files.sorted().toList()) {
          String name = file.getFileName().toString();
          if (name.equals("runner.jar") || name.endsWith(".so")) {
            adb.push(file, FOLDER + "/" + name);
          }
        }
      }
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "'%s' cannot be read (%s).".formatted(settings.runner(), e.getMessage()),
          e);
    }
    installed = true;
  }

  private String version() throws MeasurementFailed, InterruptedException {
    Adb.Answer answer = adb.shell(command("version"), settings.timeLimit());
    if (answer.code() != 0 || answer.text().isBlank()) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "the runner does not start on device '%s' (code %d: %s). Maybe ONNX Runtime's .so files for its ABI are missing in '%s'."
              .formatted(adb.serial(), answer.code(), answer.text().strip(), settings.runner()));
    }
    return answer.text().strip().lines().reduce((first, second) -> second).orElseThrow();
  }

  private String command(String what) {
    String pinned = settings.cores().isEmpty() ? "" : "taskset " + settings.cores() + " ";
    return "cd %1$s && echo $$ > pid && export CLASSPATH=%1$s/runner.jar LD_LIBRARY_PATH=%1$s && exec %2$sapp_process / %3$s %4$s"
        .formatted(FOLDER, pinned, RUNNER, what);
  }

  @Override
  public Measurement measure(Path onnx, MeasurementProtocol protocol)
      throws MeasurementFailed, InterruptedException {
    if (!Files.isReadable(onnx)) {
      throw new MeasurementFailed(
          FailureKind.MODEL_REFUSED,
          "model '%s' cannot be read. Maybe the path is wrong.".formatted(onnx));
    }
    try {
      if (!installed) {
        install();
      }
      PhoneFacts.Battery battery = cooled();
      adb.push(onnx, FOLDER + "/model.onnx");
      Path request = Files.writeString(scratch.resolve("request.txt"), request(protocol));
      adb.push(request, FOLDER + "/request.txt");
      Circumstances before = PhoneFacts.now(adb);
      run(onnx, protocol);
      Circumstances after = PhoneFacts.now(adb);
      Path found = scratch.resolve("result.txt");
      adb.pull(FOLDER + "/result.txt", found);
      adb.shell(
          "rm -f %1$s/model.onnx %1$s/request.txt %1$s/result.txt %1$s/pid".formatted(FOLDER));
      return measurement(onnx, protocol, found, battery, before, after);
    } catch (IOException e) {
      throw new MeasurementFailed(
          FailureKind.DEVICE, "a file cannot be kept (%s).".formatted(e.getMessage()), e);
    } catch (MeasurementFailed | InterruptedException e) {
      installed = false;
      clear();
      throw e;
    }
  }

  private String request(MeasurementProtocol protocol) {
    return """
    model=model.onnx
    sentinel=sentinel.onnx
    result=result.txt
    provider=%s
    threads=%d
    warmups=%d
    minSamples=%d
    minMillis=%d
    """
        .formatted(
            settings.provider(),
            protocol.threads(),
            protocol.warmups(),
            protocol.minSamples(),
            protocol.minMillis());
  }

  /** Waits until the battery is cool. */
  private PhoneFacts.Battery cooled() throws MeasurementFailed, InterruptedException {
    long end = System.nanoTime() + settings.coolWait().toNanos();
    while (true) {
      PhoneFacts.Battery battery = PhoneFacts.Battery.read(adb);
      if (battery.celsius().orElse(0) <= settings.coolCelsius()) {
        return battery;
      }
      if (System.nanoTime() > end) {
        throw new MeasurementFailed(
            FailureKind.DEVICE,
            "device '%s' has %.1f °C and did not cool to %.1f °C in %d s. Maybe unplug its charger."
                .formatted(
                    adb.serial(),
                    battery.celsius().orElse(0),
                    settings.coolCelsius(),
                    settings.coolWait().toSeconds()));
      }
      Thread.sleep(LOOK_AGAIN);
    }
  }

  private void run(Path onnx, MeasurementProtocol protocol)
      throws MeasurementFailed, InterruptedException {
    Adb.Answer answer;
    try {
      answer =
          adb.shell(
              command("request.txt"), settings.timeLimit().plusMillis(2L * protocol.minMillis()));
    } catch (MeasurementFailed e) {
      throw new MeasurementFailed(
          e.kind(), "model '%s': %s".formatted(onnx.getFileName(), e.getMessage()), e);
    }
    int code = answer.code();
    if (code == 0) {
      return;
    }
    String said = answer.text().strip().lines().reduce((a, b) -> b).orElse("");
    boolean there = adb.isThere();
    if (!there || code == ADB_FAILED) {
      throw new MeasurementFailed(
          FailureKind.DEVICE,
          "device '%s' went away while model '%s' was measured. Maybe its cable was pulled."
              .formatted(adb.serial(), onnx.getFileName()));
    }
    FailureKind kind =
        code == KILLED
            ? FailureKind.OUT_OF_MEMORY
            : code > SIGNAL ? FailureKind.CRASHED : FailureKind.MODEL_REFUSED;
    throw new MeasurementFailed(
        kind,
        "model '%s' on device '%s' %s: %s"
            .formatted(
                onnx.getFileName(),
                adb.serial(),
                code == KILLED
                    ? "was killed, as Android does when memory runs out"
                    : code > SIGNAL ? "was ended by signal " + (code - SIGNAL) : "cannot be run",
                said));
  }

  private Measurement measurement(
      Path onnx,
      MeasurementProtocol protocol,
      Path found,
      PhoneFacts.Battery battery,
      Circumstances before,
      Circumstances after)
      throws IOException, MeasurementFailed, InterruptedException {
    Map<String, String> values = new TreeMap<>();
    for (String line : Files.readAllLines(found)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    Files.delete(found);
    try {
      double[] samples =
          Stream.of(values.getOrDefault("samples", "").split(",", -1))
              .mapToDouble(Double::parseDouble)
              .toArray();
      double sentinelBefore = Double.parseDouble(values.getOrDefault("sentinelBefore", "0"));
      double sentinelAfter = Double.parseDouble(values.getOrDefault("sentinelAfter", "0"));
      double load = Double.parseDouble(values.getOrDefault("load", "0"));
      double first = Double.parseDouble(values.getOrDefault("firstRun", "0"));
      Circumstances during = during(before, after);
      Map<String, String> environment = new TreeMap<>(facts.more());
      environment.putAll(during.facts());
      environment.put("processor", facts.processor());
      environment.put("reality", facts.reality().word());
      environment.put("pinnedTo", settings.cores().isEmpty() ? "none" : settings.cores());
      environment.put(Measurement.OUTPUT, values.getOrDefault("output", ""));
      environment.put("batteryPercent", Long.toString(battery.level()));
      environment.put("charging", Boolean.toString(battery.charging()));
      battery
          .celsius()
          .ifPresent(celsius -> environment.put("batteryCelsius", Double.toString(celsius)));
      Measurement measurement =
          Measurement.of(
                  facts.runtime(),
                  protocol.threads(),
                  1,
                  Integer.parseInt(values.getOrDefault("warmups", "0")),
                  protocol.name(),
                  samples,
                  sentinelBefore,
                  sentinelAfter,
                  InstantSource.system().instant(),
                  environment)
              .with(
                  Map.of(
                      Measurement.LOAD,
                      load,
                      Measurement.FIRST_RUN,
                      first,
                      Measurement.COLD_START,
                      load + first),
                  VerdictRules.judge(
                      samples, sentinelBefore, sentinelAfter, history.best(), during));
      history.add(Math.min(sentinelBefore, sentinelAfter));
      return measurement;
    } catch (IllegalArgumentException e) {
      throw new MeasurementFailed(
          FailureKind.NO_RESULT,
          "model '%s' on device '%s' gave no result that can be read: %s"
              .formatted(onnx.getFileName(), adb.serial(), e.getMessage()),
          e);
    }
  }

  /** Clocks are read before and after: a clock that idles before is none that was throttled. */
  private static Circumstances during(Circumstances before, Circumstances after) {
    Double first = before.mostCelsius();
    Double second = after.mostCelsius();
    return new Circumstances(
        null,
        null,
        null,
        after.mostMegahertz(),
        first == null ? second : second == null ? first : (Double) Math.max(first, second),
        null);
  }

  /** Ends what may still run on the device and empties its folder, if the device is there. */
  private void clear() {
    boolean interrupted = Thread.interrupted();
    try {
      if (adb.isThere()) {
        adb.shell(END_RUNNER);
        adb.shell("rm -rf " + FOLDER);
      }
    } catch (MeasurementFailed e) {
      // Gone again: the folder is cleared when it is next used.
      installed = false;
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    clear();
    try (Stream<Path> files = Files.list(scratch)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(scratch);
    } catch (IOException e) {
      // A few kilobytes in the temporary folder: the system clears them.
      return;
    }
  }
}
