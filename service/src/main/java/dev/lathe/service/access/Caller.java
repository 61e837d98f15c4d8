package dev.lathe.service.access;

import jakarta.enterprise.context.RequestScoped;
import org.jspecify.annotations.Nullable;

/** Who sent the request: the key that it carried, or to which its session belongs. */
@RequestScoped
public class Caller {
  private @Nullable ApiKeyRow key;

  void is(ApiKeyRow row) {
    key = row;
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
