package dev.lathe.cli.client;

import java.io.IOException;

/** The service answered, but did not do what was asked. */
public final class ServiceRefusal extends IOException {
  private static final long serialVersionUID = 1;

  private final int status;

  ServiceRefusal(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The HTTP status. */
  public int status() {
    return status;
  }
}
