package dev.lathe.farm.message;

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
 */
public record AgentRegistration(
    String name,
    String backend,
    String host,
    String runtime,
    int threads,
    String processor,
    long memoryBytes,
    String version) {
  public AgentRegistration {
    if (!name.matches("[A-Za-z0-9._-]{1,100}")) {
      throw new IllegalArgumentException(
          "'%s' is no name of a device. Maybe use 1 to 100 letters, digits, '.', '_' and '-'."
              .formatted(name));
    }
    if (threads < 1 || memoryBytes < 0) {
      throw new IllegalArgumentException(
          "device '%s' cannot have %d threads and %d bytes of memory."
              .formatted(name, threads, memoryBytes));
    }
  }
}
