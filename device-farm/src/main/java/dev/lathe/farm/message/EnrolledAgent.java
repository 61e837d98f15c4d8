package dev.lathe.farm.message;

/**
 * Answer to {@link EnrolmentRequest}.
 *
 * @param device its name
 * @param key an API key that speaks for this device alone; told here and never again
 */
public record EnrolledAgent(String device, String key) {
  /** The answer without the key. */
  @Override
  public String toString() {
    return "EnrolledAgent[" + device + "]";
  }
}
