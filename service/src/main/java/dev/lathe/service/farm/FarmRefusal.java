package dev.lathe.service.farm;

/** An agent asked for something that the farm does not do; the kind tells HTTP what to answer. */
public final class FarmRefusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Kind kind;

  /** What is wrong. */
  public enum Kind {
    /** The body does not mean anything. */
    INVALID,
    /** There is no such device or lease. */
    UNKNOWN,
    /** The key may not speak for this device. */
    FORBIDDEN,
    /** The measurement is not the one that was asked for. */
    UNFIT,
    /** There is another result already, or another machine under this name. */
    CONFLICT,
    /** The lease is over. */
    GONE
  }

  /** A refusal with a text for the agent's log. */
  public FarmRefusal(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** What is wrong. */
  public Kind kind() {
    return kind;
  }
}
