package dev.lathe.service.access;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/** Metrics tell much of what a service does: they are given to keys that may look at everything. */
@ApplicationScoped
class MetricsAccess {
  private static final String PATH = "/q/metrics";
  private static final String BEARER = "Bearer ";
  private static final int ORDER = 900;

  private final ApiKeys keys;

  MetricsAccess(ApiKeys keys) {
    this.keys = keys;
  }

  void add(@Observes Filters filters) {
    filters.register(this::check, ORDER);
  }

  private void check(RoutingContext context) {
    if (!context.normalizedPath().startsWith(PATH)) {
      context.next();
      return;
    }
    String header = context.request().getHeader("Authorization");
    context
        .vertx()
        .executeBlocking(() -> mayLook(header == null ? "" : header), false)
        .onComplete(
            result -> {
              if (result.succeeded() && result.result()) {
                context.next();
              } else {
                context.response().setStatusCode(401).end();
              }
            });
  }

  private boolean mayLook(String header) {
    return header.startsWith(BEARER)
        && keys.good(header.substring(BEARER.length()).strip())
            .filter(key -> key.scope.allows(Scope.VIEWER))
            .isPresent();
  }
}
