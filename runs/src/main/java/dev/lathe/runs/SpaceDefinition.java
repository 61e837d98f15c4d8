package dev.lathe.runs;

/**
 * A search space as text.
 *
 * @param json its definition, as a user would write it
 * @param size number of its architectures, in decimal digits
 * @param genes number of its free choices
 */
public record SpaceDefinition(
    String name, String description, String json, String size, int genes) {}
