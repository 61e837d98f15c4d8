package dev.lathe.space.program;

import java.util.List;

/** Answers the questions of a program. */
@FunctionalInterface
interface Answers {
  /**
   * The index of the chosen alternative.
   *
   * @param gene what is chosen
   * @param labels the alternatives, at least two
   */
  int choose(String gene, List<String> labels);
}
