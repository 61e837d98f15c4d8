package dev.lathe.service.rest;

import dev.lathe.service.problem.Problem;
import java.util.List;

/**
 * A part of a list.
 *
 * @param page number of the part, from 0
 * @param size of parts
 * @param total length of the list
 */
public record Page<T>(List<T> items, int page, int size, long total) {
  /** The longest part. */
  static final int MAX_SIZE = 10_000;

  public Page {
    items = List.copyOf(items);
  }

  /** Fails with 400 unless page and size can be had. */
  static void check(int page, int size) {
    if (page < 0 || page > 1_000_000) {
      throw Problem.invalid("page", "page must be 0 to 1000000, not %d.".formatted(page));
    }
    if (size < 1 || size > MAX_SIZE) {
      throw Problem.invalid("size", "size must be 1 to %d, not %d.".formatted(MAX_SIZE, size));
    }
    if ((long) page * size > Integer.MAX_VALUE - size) {
      throw Problem.invalid(
          "page", "page %d of %d each lies beyond what can be counted.".formatted(page, size));
    }
  }
}
