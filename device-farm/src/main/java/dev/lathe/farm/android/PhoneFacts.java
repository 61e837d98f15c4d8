package dev.lathe.farm.android;

import dev.lathe.farm.Circumstances;
import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.Reality;
import dev.lathe.farm.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** What a phone tells of itself: its own processor and memory, its battery, its clocks. */
final class PhoneFacts {
  private static final Pattern PROPERTY = Pattern.compile("\\[([^]]+)]: \\[([^]]*)]");
  private static final Pattern NUMBER = Pattern.compile("-?\\d+");

  private PhoneFacts() {}

  static DeviceFacts read(Adb adb, String runtime, String provider)
      throws MeasurementFailed, InterruptedException {
    Map<String, String> properties = new HashMap<>();
    Matcher found = PROPERTY.matcher(adb.shell("getprop"));
    while (found.find()) {
      properties.put(found.group(1), found.group(2));
    }
    String model =
        "%s %s"
            .formatted(
                properties.getOrDefault("ro.product.manufacturer", ""),
                properties.getOrDefault("ro.product.model", "Android device"))
            .strip();
    String chip =
        properties.getOrDefault(
            "ro.soc.model", properties.getOrDefault("ro.board.platform", "unknown chip"));
    Map<String, String> more = new TreeMap<>();
    more.put("model", model);
    more.put("chip", chip);
    more.put("android", properties.getOrDefault("ro.build.version.release", "unknown"));
    more.put("abi", properties.getOrDefault("ro.product.cpu.abi", "unknown"));
    more.put("build", properties.getOrDefault("ro.build.fingerprint", "unknown"));
    more.put("provider", provider);
    return new DeviceFacts(
        AndroidFactory.NAME,
        Reality.REAL,
        runtime,
        Sha256.of(("lathe phone " + adb.serial()).getBytes(StandardCharsets.UTF_8))
            .substring(0, 32),
        model + ", " + chip,
        number(adb.shell("grep MemTotal /proc/meminfo")) * 1024,
        (int) Math.max(1, number(adb.shell("nproc"))),
        DeviceFacts.ONNX_FORMS,
        List.of("latency", "latency.p90", "coldStart", "throughput"),
        false,
        more);
  }

  private static long number(String text) {
    Matcher number = NUMBER.matcher(text);
    return number.find() ? Long.parseLong(number.group()) : 0;
  }

  /** The battery: its temperature in degrees, its level, whether it is being charged. */
  record Battery(OptionalDouble celsius, long level, boolean charging) {
    static Battery read(Adb adb) throws MeasurementFailed, InterruptedException {
      Map<String, String> values = new HashMap<>();
      for (String line : adb.shell("dumpsys battery").lines().toList()) {
        int colon = line.indexOf(':');
        if (colon > 0) {
          values.put(line.substring(0, colon).strip(), line.substring(colon + 1).strip());
        }
      }
      String tenths = values.getOrDefault("temperature", "");
      return new Battery(
          tenths.matches("-?\\d+")
              ? OptionalDouble.of(Long.parseLong(tenths) / 10.0)
              : OptionalDouble.empty(),
          number(values.getOrDefault("level", "0")),
          values.entrySet().stream()
              .anyMatch(e -> e.getKey().endsWith("powered") && e.getValue().equals("true")));
    }
  }

  /** The clocks of all cores, the hottest zone and the thermal service's word, at this moment. */
  static Circumstances now(Adb adb) throws MeasurementFailed, InterruptedException {
    OptionalDouble clock =
        numbers(adb.shell("cat /sys/devices/system/cpu/cpu*/cpufreq/scaling_cur_freq; true")).max();
    OptionalDouble heat =
        numbers(adb.shell("cat /sys/class/thermal/thermal_zone*/temp; true"))
            .map(milli -> milli / 1000)
            .filter(celsius -> celsius > 0 && celsius < 150)
            .max();
    @Nullable Double megahertz = clock.isPresent() ? (Double) (clock.getAsDouble() / 1000) : null;
    return new Circumstances(
        null,
        null,
        megahertz,
        megahertz,
        heat.isPresent() ? (Double) heat.getAsDouble() : null,
        null);
  }

  private static DoubleStream numbers(String text) {
    return text.lines()
        .map(String::strip)
        .filter(line -> line.matches("-?\\d{1,12}"))
        .mapToDouble(Double::parseDouble);
  }
}
