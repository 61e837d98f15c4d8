package dev.lathe.service.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An error to be told to the client as RFC 9457 {@code application/problem+json}. */
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Media type of problems. */
  public static final String MEDIA_TYPE = "application/problem+json";

  private final transient Body body;
  private transient @Nullable Duration retryAfter;

  /**
   * What is sent.
   *
   * @param type a URN that names the kind, as {@code urn:lathe:problem:not-found}
   * @param errors texts by the field of the request that is wrong
   * @param requestId the request's id in the service's log
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  public record Body(
      String type,
      String title,
      int status,
      String detail,
      Map<String, String> errors,
      @Nullable String requestId) {
    /** The same, of a request. */
    public Body of(String id) {
      return new Body(type, title, status, detail, errors, id);
    }
  }

  private Problem(int status, String title, String detail, Map<String, String> errors) {
    super(detail);
    this.body = new Body(type(title), title, status, detail, errors, null);
  }

  /** The URN of the kind of problem that has this title. */
  public static String type(String title) {
    return "urn:lathe:problem:" + title.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
  }

  /** How long to wait before the same request may succeed. */
  public Optional<Duration> retryAfter() {
    return Optional.ofNullable(retryAfter);
  }

  /** 429: there were too many requests. */
  public static Problem tooMany(String detail, Duration retryAfter) {
    Problem problem = new Problem(429, "Too many requests", detail, Map.of());
    problem.retryAfter = retryAfter;
    return problem;
  }

  /** What is sent. */
  public Body body() {
    return body;
  }

  /** 400: the request is wrong as a whole. */
  public static Problem badRequest(String detail) {
    return new Problem(400, "Bad request", detail, Map.of());
  }

  /** 400: a field of the request is wrong. */
  public static Problem invalid(String field, String detail) {
    return new Problem(400, "Invalid request", detail, Map.of(field, detail));
  }

  /** 401. */
  public static Problem unauthorized(String detail) {
    return new Problem(401, "Unauthorized", detail, Map.of());
  }

  /** 403. */
  public static Problem forbidden(String detail) {
    return new Problem(403, "Forbidden", detail, Map.of());
  }

  /** 404. */
  public static Problem notFound(String detail) {
    return new Problem(404, "Not found", detail, Map.of());
  }

  /** 409. */
  public static Problem conflict(String detail) {
    return new Problem(409, "Conflict", detail, Map.of());
  }

  /** 410. */
  public static Problem gone(String detail) {
    return new Problem(410, "Gone", detail, Map.of());
  }

  /** 422: what is sent can be read, but does not fit what it belongs to. */
  public static Problem unprocessable(String detail) {
    return new Problem(422, "Unprocessable content", detail, Map.of());
  }

  /** Any other status. */
  public static Problem of(int status, String title, String detail) {
    return new Problem(status, title, detail, Map.of());
  }
}
