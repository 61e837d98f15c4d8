package dev.lathe.runs.stages;

import dev.lathe.runs.CandidateRecord;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import java.util.List;

/** Tells the figures of architectures of a space. */
interface Evaluating {
  SearchSpace space();

  /** One candidate an architecture, in their order. */
  List<CandidateRecord> evaluate(List<Architecture> architectures);
}
