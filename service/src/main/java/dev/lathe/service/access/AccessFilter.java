package dev.lathe.service.access;

import dev.lathe.service.problem.Problem;
import dev.lathe.service.store.LeaseRow;
import dev.lathe.service.store.Transactions;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Cookie;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Lets a request through if its key has the scope that the route {@link Requires}, wherever it
 * comes from. The key stands in the header {@code Authorization}; of a browser, a session stands
 * for it, and what another web page sends through the user's browser is told apart and refused.
 */
public final class AccessFilter {
  private static final String BEARER = "Bearer ";

  private final ApiKeys keys;
  private final Sessions sessions;
  private final Caller caller;
  private final RateLimits limits;

  AccessFilter(ApiKeys keys, Sessions sessions, Caller caller, RateLimits limits) {
    this.keys = keys;
    this.sessions = sessions;
    this.caller = caller;
    this.limits = limits;
  }

  /** Fails with 401, 403 or 429 if the request may not go on. */
  @ServerRequestFilter
  void check(ContainerRequestContext context, ResourceInfo route, HttpServerRequest request) {
    if (route.getResourceMethod().isAnnotationPresent(Open.class)) {
      SessionCookie.requireOwnPage(request);
      limits.ofAddress(request.remoteAddress().hostAddress()).ifPresent(AccessFilter::refuse);
      return;
    }
    Requires requires = annotation(route);
    Optional<String> bearer =
        Optional.ofNullable(context.getHeaderString("Authorization"))
            .filter(header -> header.startsWith(BEARER))
            .map(header -> header.substring(BEARER.length()).strip());
    if (bearer.isPresent()
        && bearer.get().startsWith(Secrets.LEASE_PREFIX)
        && requires.orLeaseToken()) {
      checkLease(
          bearer.get(),
          Objects.requireNonNullElse(
              context.getUriInfo().getPathParameters().getFirst("leaseId"), ""));
      return;
    }
    String address = request.remoteAddress().hostAddress();
    limits.isUsedUp(address).ifPresent(AccessFilter::refuse);
    ApiKeyRow key;
    try {
      key = bearer.isPresent() ? byKey(bearer.get()) : bySession(context, request);
    } catch (Problem e) {
      var unused = limits.ofAddress(address);
      throw e;
    }
    if (requires.value() != Scope.AGENT) {
      limits.ofKey(key).ifPresent(AccessFilter::refuse);
    }
    if (!key.scope.allows(requires.value())) {
      throw Problem.forbidden(
          "a key of scope %s may not do this; it takes %s.".formatted(key.scope, requires.value()));
    }
    caller.is(key);
  }

  private static void refuse(Duration wait) {
    throw Problem.tooMany(
        "there were too many requests of this key or address. Maybe wait %d s; the operator can allow more with LATHE_LIMITS_KEY_PER_SECOND and LATHE_LIMITS_ADDRESS_PER_SECOND."
            .formatted(wait.toSeconds()),
        wait);
  }

  private ApiKeyRow byKey(String bearer) {
    return keys.good(bearer)
        .orElseThrow(
            () ->
                Problem.unauthorized(
                    "the API key is not known, expired or revoked. Maybe make a new one: lathe key create."));
  }

  private ApiKeyRow bySession(ContainerRequestContext context, HttpServerRequest request) {
    Cookie cookie = context.getCookies().get(SessionCookie.name(request));
    if (cookie == null) {
      throw Problem.unauthorized(
          "this route needs an API key. Maybe send the header 'Authorization: Bearer KEY'.");
    }
    SessionCookie.requireOwnPage(request);
    return sessions
        .keyOf(cookie.getValue())
        .orElseThrow(
            () ->
                Problem.unauthorized(
                    "the session has ended. Maybe open a new one by the link of lathe key link."));
  }

  private static Requires annotation(ResourceInfo route) {
    Requires requires = route.getResourceMethod().getAnnotation(Requires.class);
    requires = requires == null ? route.getResourceClass().getAnnotation(Requires.class) : requires;
    if (requires == null) {
      throw Problem.forbidden("this route is open to nobody.");
    }
    return requires;
  }

  private static void checkLease(String token, String leaseId) {
    boolean good =
        Transactions.call(
            () ->
                LeaseRow.<LeaseRow>findByIdOptional(leaseId)
                    .filter(lease -> Secrets.matches(token, lease.tokenSha256))
                    .isPresent());
    if (!good) {
      throw Problem.unauthorized("the token is not that of this lease.");
    }
  }
}
