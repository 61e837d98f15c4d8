package dev.lathe.service.rest;

import dev.lathe.service.problem.Problem;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * How long bodies may be. Archives of data sets go to disk as they come, and their intake counts
 * them; all others are held in memory, are limited to 64 MiB, and must say how long they are.
 */
@ApplicationScoped
class BodyLimits {
  private static final long IN_MEMORY = 64L << 20;
  private static final int FIRST = 1000;

  void add(@Observes Filters filters) {
    filters.register(BodyLimits::check, FIRST);
  }

  private static void check(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (HttpMethod.PUT.equals(request.method()) && request.path().startsWith("/api/v1/datasets/")) {
      context.next();
      return;
    }
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null && request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null) {
      refuse(context, 411, "Length required", "the request must say how long its body is.");
    } else if (length != null && tooLong(length)) {
      refuse(context, 413, "Content too large", "the body may have up to 64 MiB.");
    } else {
      context.next();
    }
  }

  private static boolean tooLong(String length) {
    return length.length() > 18 || !length.matches("\\d+") || Long.parseLong(length) > IN_MEMORY;
  }

  private static void refuse(RoutingContext context, int status, String title, String detail) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("Connection", "close")
        .putHeader("Content-Type", "application/problem+json")
        .end(
            "{\"type\":\"%s\",\"title\":\"%s\",\"status\":%d,\"detail\":\"%s\"}"
                .formatted(Problem.type(title), title, status, detail));
  }
}
