package dev.lathe.runs;

import dev.lathe.evolution.MethodSetting;
import java.util.List;
import java.util.Map;

/**
 * A search method as a user may choose it.
 *
 * @param settings with defaults
 * @param refuses kinds of space that it cannot search ({@code network}, {@code model}, {@code
 *     table}, {@code study}), each with the reason
 * @param jointForms whether it searches over forms together with architectures; others search in
 *     float32, and the forms are applied to what they find
 */
public record MethodCard(
    String name,
    String description,
    List<MethodSetting> settings,
    Map<String, String> refuses,
    boolean jointForms) {
  public MethodCard {
    settings = List.copyOf(settings);
    refuses = Map.copyOf(refuses);
  }
}
