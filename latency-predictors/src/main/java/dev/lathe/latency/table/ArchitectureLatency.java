package dev.lathe.latency.table;

import dev.lathe.latency.Estimate;
import dev.lathe.space.Architecture;

/** Predicts the latency of architectures of one space on one device. */
public interface ArchitectureLatency {
  /** The estimate, in milliseconds, with its 90 % interval. */
  Estimate predict(Architecture architecture);
}
