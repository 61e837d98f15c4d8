package dev.lathe.evolution;

import java.util.List;
import java.util.Map;

/**
 * Offers a search method by name. Providers on the class path are found by {@link
 * java.util.ServiceLoader}: a jar with a file {@code
 * META-INF/services/dev.lathe.evolution.SearchMethodProvider} adds its methods to those that a
 * request can name.
 */
public interface SearchMethodProvider {
  /** By which a request names the method; unique. */
  String name();

  /** One sentence for people who choose. */
  String description();

  /** What can be set, with defaults. */
  List<MethodSetting> settings();

  /**
   * The method with some settings, all others as by default.
   *
   * @param settings by name; whole numbers, numbers, truth values or texts
   * @throws IllegalArgumentException naming the setting that is unknown or out of range
   */
  SearchMethod with(Map<String, ?> settings);

  /** The method as by default. */
  default SearchMethod standard() {
    return with(Map.of());
  }
}
