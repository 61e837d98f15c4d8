package dev.lathe.farm;

import dev.lathe.onnx.OnnxGraph;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One kind of device that can be measured on. Implementations are found by {@link
 * java.util.ServiceLoader}; agent, command line and benchmarks get their back ends from {@link
 * Backends} and nowhere else.
 */
public interface BackendFactory {
  /** By which a user asks for it, for example {@code cpu}: lower-case letters. */
  String name();

  /** One line that says what it measures on. */
  String summary();

  /** What can be set, with what holds if it is not. */
  default List<BackendOption> options() {
    return List.of();
  }

  /**
   * Why there is no such device at this machine, with what would bring one; empty if there may be
   * one. Answers within a second and starts nothing that stays.
   */
  default Optional<String> absence() {
    return Optional.empty();
  }

  /**
   * What a device's figures are for any graph, where they follow from the graph alone: nothing has
   * to be measured or predicted then.
   *
   * @param facts what the device told of itself beside the rest ({@link DeviceFacts#more})
   * @return from a graph to figures by name, latency in milliseconds among them; empty for devices
   *     that must measure
   */
  default Optional<Function<OnnxGraph, Map<String, Double>>> exactFigures(
      Map<String, String> facts) {
    return Optional.empty();
  }

  /**
   * Opens the device.
   *
   * @param settings whose names are among {@link #options}
   * @throws IllegalArgumentException naming a setting that is wrong, its value and what is allowed
   * @throws MeasurementFailed if the device cannot be used, with the reason
   */
  MeasurementBackend open(BackendSettings settings) throws MeasurementFailed, InterruptedException;
}
