package dev.lathe.service.access;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What a key allows. */
public enum Scope {
  /** Looks at everything. */
  @JsonProperty("viewer")
  VIEWER,
  /** Launches and steers searches, too. */
  @JsonProperty("operator")
  OPERATOR,
  /** Speaks for devices, and nothing else. */
  @JsonProperty("agent")
  AGENT,
  /** Does everything. */
  @JsonProperty("admin")
  ADMIN;

  /** Whether a key of this scope may do what asks for {@code needed}. */
  public boolean allows(Scope needed) {
    return switch (this) {
      case ADMIN -> true;
      case OPERATOR -> needed == OPERATOR || needed == VIEWER;
      case VIEWER -> needed == VIEWER;
      case AGENT -> needed == AGENT;
    };
  }
}
