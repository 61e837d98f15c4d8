package dev.lathe.farm.message;

import org.jspecify.annotations.Nullable;

/**
 * Body of {@code POST /api/v1/enrolments/spend}: a machine asks for the key of its device.
 *
 * @param token that an administrator made for this device, good once
 * @param device its name
 */
public record EnrolmentRequest(@Nullable String token, @Nullable String device) {
  /** The request without the token. */
  @Override
  public String toString() {
    return "EnrolmentRequest[" + device + "]";
  }
}
