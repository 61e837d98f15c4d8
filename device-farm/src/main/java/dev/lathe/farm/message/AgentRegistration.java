package dev.lathe.farm.message;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lathe.farm.DeviceFacts;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /api/v1/agents}: an agent says what it is. Idempotent by name.
 *
 * @param name of the device, unique within the service: 1 to 100 letters, digits, {@code . _ -}
 * @param backend name of its back end, for example {@code cpu}
 * @param host stable id of its machine: agents with the service's own id share its machine
 * @param runtime name and version of what runs the models
 * @param threads that the machine offers
 * @param processor its model, for people
 * @param memoryBytes of the machine, 0 if unknown
 * @param version of the agent
 * @param reality what stands behind its figures: {@code real}, {@code emulated}, {@code simulated}
 *     or {@code published}; absent from agents that know of real ones alone
 * @param forms that it runs; absent from agents that run what ONNX Runtime runs
 * @param metrics that it reports; absent from agents that report latency alone
 * @param quietHost whether its host must do nothing else while it measures; absent if it must
 * @param measuredThreads threads of the runtime with which it measures; absent if it is one
 * @param facts whatever else it tells
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AgentRegistration(
    String name,
    String backend,
    String host,
    String runtime,
    int threads,
    String processor,
    long memoryBytes,
    String version,
    @Nullable String reality,
    @Nullable List<String> forms,
    @Nullable List<String> metrics,
    @Nullable Boolean quietHost,
    @Nullable Integer measuredThreads,
    @Nullable Map<String, String> facts) {
  /** What names of devices look like. */
  public static final String NAME = "[A-Za-z0-9._-]{1,100}";

  public AgentRegistration {
    if (!name.matches(NAME)) {
      throw new IllegalArgumentException(
          "'%s' is no name of a device. Maybe use 1 to 100 letters, digits, '.', '_' and '-'."
              .formatted(name));
    }
    if (measuredThreads != null && (measuredThreads < 1 || measuredThreads > 256)) {
      throw new IllegalArgumentException(
          "device '%s' measures with 1 to 256 threads, not %d.".formatted(name, measuredThreads));
    }
    if (threads < 1 || memoryBytes < 0) {
      throw new IllegalArgumentException(
          "device '%s' cannot have %d threads and %d bytes of memory."
              .formatted(name, threads, memoryBytes));
    }
  }

  /**
   * What an agent of that name and version says of a device.
   *
   * @param measuredThreads with which it measures
   */
  public static AgentRegistration of(
      String name, DeviceFacts facts, int measuredThreads, String version) {
    return new AgentRegistration(
        name,
        facts.backend(),
        facts.host(),
        facts.runtime(),
        facts.threads(),
        facts.processor(),
        facts.memoryBytes(),
        version,
        facts.reality().word(),
        facts.forms(),
        facts.metrics(),
        facts.quietHost(),
        measuredThreads,
        facts.more());
  }
}
