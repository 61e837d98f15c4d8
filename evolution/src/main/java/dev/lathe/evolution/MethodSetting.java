package dev.lathe.evolution;

/**
 * A setting of a method.
 *
 * @param standard what it is if nothing else is asked for
 * @param description for people, with unit and range
 */
public record MethodSetting(String name, Object standard, String description) {}
