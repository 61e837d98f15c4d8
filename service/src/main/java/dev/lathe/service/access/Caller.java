package dev.lathe.service.access;

import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who sent the request: the key that it carried, or to which its session belongs. */
@RequestScoped
public class Caller {
  private @Nullable ApiKeyRow key;

  void is(ApiKeyRow row) {
    key = row;
  }

  /** The key; empty if the token of a lease stands for it. */
  public Optional<ApiKeyRow> known() {
    return Optional.ofNullable(key);
  }

  /**
   * The key.
   *
   * @throws IllegalStateException on a route that asks for none
   */
  public ApiKeyRow key() {
    if (key == null) {
      throw new IllegalStateException("this route is open to callers without a key");
    }
    return key;
  }
}
