package dev.lathe.farm;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;

/** What stands behind a device's figures. */
public enum Reality {
  /** The device itself ran the network. */
  @JsonProperty("real")
  REAL,
  /** The device's instructions were translated by another processor: figures only compare. */
  @JsonProperty("emulated")
  EMULATED,
  /** A model of a design that need not exist counted what it would do. */
  @JsonProperty("simulated")
  SIMULATED,
  /** Somebody else's figures, given out again. */
  @JsonProperty("published")
  PUBLISHED;

  /** The word that JSON and people use. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
