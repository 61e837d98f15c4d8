package dev.lathe.runs;

/** A request that cannot be run. */
public final class InvalidSearch extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String field;

  /**
   * A refusal.
   *
   * @param field of the request, for example {@code data} or {@code space.stages[2].width}
   * @param message names the value and gives advice
   */
  public InvalidSearch(String field, String message) {
    super(message);
    this.field = field;
  }

  /** The field of the request that is wrong. */
  public String field() {
    return field;
  }
}
