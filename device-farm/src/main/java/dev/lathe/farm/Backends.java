package dev.lathe.farm;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The back ends that this program has. */
public final class Backends {
  private Backends() {}

  /** All of them, by name. */
  public static List<BackendFactory> all() {
    return ServiceLoader.load(BackendFactory.class, Backends.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(BackendFactory::name))
        .toList();
  }

  /**
   * The back end of that name.
   *
   * @throws IllegalArgumentException if there is none, with the names that there are
   */
  public static BackendFactory named(String name) {
    return all().stream()
        .filter(factory -> factory.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no back end '%s'. Maybe one of: %s."
                        .formatted(
                            name,
                            all().stream()
                                .map(BackendFactory::name)
                                .collect(Collectors.joining(", ")))));
  }

  /**
   * Opens a device.
   *
   * @param name of the back end
   * @param options by name, those that are not to be as usual
   * @throws IllegalArgumentException if there is no such back end or option, or a value is wrong
   * @throws MeasurementFailed if there is no such device at this machine, or it cannot be used
   */
  public static MeasurementBackend open(String name, Map<String, String> options)
      throws MeasurementFailed, InterruptedException {
    BackendFactory factory = named(name);
    BackendSettings settings = BackendSettings.of(factory, options);
    Optional<String> absence = factory.absence();
    if (absence.isPresent()) {
      throw new MeasurementFailed(FailureKind.DEVICE, absence.get());
    }
    return factory.open(settings);
  }
}
