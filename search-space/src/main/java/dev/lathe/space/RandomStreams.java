package dev.lathe.space;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Random numbers that need no saved state: the generator of step {@code t} of stream {@code s} is a
 * function of (seed, s, t) alone, so that work which is stopped goes on with the numbers that it
 * would have drawn, and counters are all that must be kept.
 *
 * @param seed the run's seed
 */
public record RandomStreams(long seed) {
  /** The generator of one step of a named stream. */
  public RandomGenerator at(String stream, long step) {
    long hash = mix(seed + 0x9E3779B97F4A7C15L);
    for (int i = 0; i < stream.length(); i++) {
      hash = mix(hash ^ stream.charAt(i));
    }
    return new SplittableRandom(mix(hash ^ mix(step + 0xD1B54A32D192ED03L)));
  }

  /**
   * Finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Generators, 2014).
   */
  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
