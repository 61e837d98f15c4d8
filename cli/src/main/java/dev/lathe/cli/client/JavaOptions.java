package dev.lathe.cli.client;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Options of the virtual machine that the user wants, for this process and the service's. */
public final class JavaOptions {
  private JavaOptions() {}

  /** What {@code LATHE_JAVA_OPTS} says, for example {@code -Xmx8g}; later ones win. */
  public static List<String> ofUser() {
    return of(Optional.ofNullable(System.getenv("LATHE_JAVA_OPTS")).orElse(""));
  }

  static List<String> of(String text) {
    return Arrays.stream(text.split("\\s+")).filter(option -> !option.isEmpty()).toList();
  }
}
