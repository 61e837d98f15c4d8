package dev.lathe.farm;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a device is, told by its back end: a phone on a cable tells the phone's processor, not that
 * of the machine the cable ends in.
 *
 * @param backend name of the back end, for example {@code cpu}
 * @param reality what stands behind its figures
 * @param runtime name and version of what runs the models, for example {@code onnxruntime 1.29.0}
 * @param host stable id of the machine whose work disturbs the device: devices of one host measure
 *     one at a time where {@code quietHost} holds
 * @param processor its model, for people
 * @param memoryBytes of the device, 0 if unknown
 * @param threads that it offers
 * @param forms names of the forms that it runs, as a request names them
 * @param metrics that it reports, without the device's name: {@code latency}, {@code energy}…
 * @param quietHost whether the host has to do nothing else while it measures
 * @param more whatever else it tells, by name
 */
public record DeviceFacts(
    String backend,
    Reality reality,
    String runtime,
    String host,
    String processor,
    long memoryBytes,
    int threads,
    List<String> forms,
    List<String> metrics,
    boolean quietHost,
    Map<String, String> more) {

  /** Forms that stock ONNX Runtime runs on a processor: all that are written as ONNX files. */
  public static final List<String> ONNX_FORMS =
      List.of(
          "float32",
          "half",
          "int8",
          "int8-portable",
          "weights8",
          "weights4",
          "two-of-four",
          "codebook",
          "low-rank",
          "monarch",
          "fixed");

  public DeviceFacts {
    forms = List.copyOf(forms);
    metrics = List.copyOf(metrics);
    more = Collections.unmodifiableMap(new TreeMap<>(more));
    if (memoryBytes < 0 || threads < 1 || forms.isEmpty() || metrics.isEmpty()) {
      throw new IllegalArgumentException(
          "a device has memory ≥ 0, threads ≥ 1, a form and a metric, not %d, %d, %s and %s."
              .formatted(memoryBytes, threads, forms, metrics));
    }
  }
}
