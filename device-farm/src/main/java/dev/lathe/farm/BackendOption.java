package dev.lathe.farm;

/**
 * Something about a back end that a user can set.
 *
 * @param name lower-case letters, digits and hyphens
 * @param fallback what holds unless it is set; empty text if it must be set
 * @param meaning one line, with the unit
 */
public record BackendOption(String name, String fallback, String meaning) {
  public BackendOption {
    if (!name.matches("[a-z0-9-]+")) {
      throw new IllegalArgumentException("'%s' is no name of an option.".formatted(name));
    }
  }
}
