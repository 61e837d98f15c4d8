package dev.lathe.latency.cost;

/** What running a network costs, with its unit. */
public enum Cost {
  /** Milliseconds of one inference. */
  LATENCY_MILLIS,
  /** Bytes by which a process grows that loads the network and runs it. */
  PEAK_MEMORY_BYTES,
  /** Bytes of the ONNX file. */
  FILE_BYTES,
  /** Millijoules of one inference. */
  ENERGY_MILLIJOULES
}
