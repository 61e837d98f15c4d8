package dev.lathe.farm;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Locale;
import java.util.Objects;

/**
 * Whether a figure can be believed, and why.
 *
 * @param level the judgement
 * @param reason one line for people, with the figures that led to it
 */
public record Verdict(Level level, String reason) {
  /** How far a figure can be believed. */
  public enum Level {
    /** Nothing disturbed it that the device can see. */
    @JsonProperty("stable")
    STABLE,
    /** Something else ran, or the samples disagree: repeating may help. */
    @JsonProperty("noisy")
    NOISY,
    /** The device was slower than it can be: its clock fell, or it was slower than before. */
    @JsonProperty("throttled")
    THROTTLED,
    /** The device tells too little to judge. */
    @JsonProperty("unknown")
    UNKNOWN;

    /** The word that JSON and people use. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Verdict {
    Objects.requireNonNull(level, "level");
    Objects.requireNonNull(reason, "reason");
  }

  public static Verdict stable(String reason) {
    return new Verdict(Level.STABLE, reason);
  }

  public static Verdict noisy(String reason) {
    return new Verdict(Level.NOISY, reason);
  }

  public static Verdict throttled(String reason) {
    return new Verdict(Level.THROTTLED, reason);
  }

  public static Verdict unknown(String reason) {
    return new Verdict(Level.UNKNOWN, reason);
  }

  /** Whether the figure is as good as this device's figures get. */
  public boolean isStable() {
    return level == Level.STABLE;
  }
}
