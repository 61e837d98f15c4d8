package dev.lathe.metric;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of metric that Lathe knows by itself. Tables and users' trainers may bring others. */
public enum Quantity {
  ACCURACY("accuracy", "accuracy", "", Direction.MAXIMIZE, false),
  BALANCED_ACCURACY("balanced-accuracy", "balanced accuracy", "", Direction.MAXIMIZE, false),
  MEAN_ABSOLUTE_ERROR("mae", "mean absolute error", "", Direction.MINIMIZE, false),
  MEAN_IOU("miou", "mean IoU", "", Direction.MAXIMIZE, false),
  AGREEMENT("agreement", "agreement with the original", "", Direction.MAXIMIZE, false),
  MNAS_REWARD("mnasReward", "MnasNet's reward", "", Direction.MAXIMIZE, false),
  LATENCY("latency", "median latency", "ms", Direction.MINIMIZE, true),
  LATENCY_P90("latency.p90", "latency, 90th percentile", "ms", Direction.MINIMIZE, true),
  LATENCY_P99("latency.p99", "latency, 99th percentile", "ms", Direction.MINIMIZE, true),
  COLD_START("coldStart", "first run after loading", "ms", Direction.MINIMIZE, true),
  THROUGHPUT("throughput", "throughput", "1/s", Direction.MAXIMIZE, true),
  ENERGY("energy", "energy a run", "mJ", Direction.MINIMIZE, true),
  PEAK_MEMORY("peakMemory", "peak memory", "MB", Direction.MINIMIZE, true),
  CYCLES("cycles", "clock cycles", "", Direction.MINIMIZE, true),
  DSP("dsp", "DSP slices", "", Direction.MINIMIZE, true),
  BLOCK_RAM("bram", "block RAM", "", Direction.MINIMIZE, true),
  BYTES("bytes", "file size", "B", Direction.MINIMIZE, false),
  PARAMETERS("parameters", "parameters", "", Direction.MINIMIZE, false),
  MACS("macs", "multiply-accumulates", "", Direction.MINIMIZE, false);

  private final String symbol;
  private final String title;
  private final String unit;
  private final Direction direction;
  private final boolean onDevice;

  Quantity(String symbol, String title, String unit, Direction direction, boolean onDevice) {
    this.symbol = symbol;
    this.title = title;
    this.unit = unit;
    this.direction = direction;
    this.onDevice = onDevice;
  }

  /** By which metrics name it, for example {@code latency.p90}. */
  public String symbol() {
    return symbol;
  }

  /** For people. */
  public String title() {
    return title;
  }

  /** Of all its figures; empty for a plain number, shares are in [0, 1]. */
  public String unit() {
    return unit;
  }

  /** Whether less or more of it is better. */
  public Direction direction() {
    return direction;
  }

  /** Whether it belongs to a network on a device, not to the network alone. */
  public boolean onDevice() {
    return onDevice;
  }

  /** The quantity of that symbol. */
  public static Optional<Quantity> of(String symbol) {
    return Arrays.stream(values()).filter(one -> one.symbol.equals(symbol)).findFirst();
  }
}
