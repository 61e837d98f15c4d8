package dev.lathe.space.elastic;

/**
 * Channels of which none can be left out.
 *
 * @param name the node that makes them first
 * @param size how many there are
 * @param pin what needs them all
 */
public record FixedGroup(String name, int size, Pin pin) {}
