package dev.lathe.service.access;

import dev.lathe.service.problem.Problem;
import dev.lathe.service.store.LeaseRow;
import dev.lathe.service.store.Transactions;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ResourceInfo;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Lets a request through if its key has the scope that the route {@link Requires}. In single-user
 * mode, requests of this machine's browser and commands need no key; what another web page sends
 * through the user's browser is told apart by its headers and refused.
 */
public final class AccessFilter {
  private static final String BEARER = "Bearer ";

  private final ApiKeys keys;
  private final boolean singleUser;

  AccessFilter(
      ApiKeys keys,
      @ConfigProperty(name = "lathe.single-user", defaultValue = "false") boolean singleUser) {
    this.keys = keys;
    this.singleUser = singleUser;
  }

  /** Fails with 401 or 403 if the request may not go on. */
  @ServerRequestFilter
  void check(ContainerRequestContext context, ResourceInfo route, HttpServerRequest request) {
    Requires requires = annotation(route);
    Optional<String> bearer =
        Optional.ofNullable(context.getHeaderString("Authorization"))
            .filter(header -> header.startsWith(BEARER))
            .map(header -> header.substring(BEARER.length()).strip());
    if (bearer.isEmpty()) {
      if (singleUser && isLocal(request)) {
        return;
      }
      throw Problem.unauthorized(
          "this route needs an API key. Maybe send the header 'Authorization: Bearer KEY'.");
    }
    if (bearer.get().startsWith(Secrets.LEASE_PREFIX) && requires.orLeaseToken()) {
      checkLease(
          bearer.get(),
          Objects.requireNonNullElse(
              context.getUriInfo().getPathParameters().getFirst("leaseId"), ""));
      return;
    }
    Scope scope =
        keys.scopeOf(bearer.get())
            .orElseThrow(
                () ->
                    Problem.unauthorized(
                        "the API key is not known, expired or revoked. Maybe make a new one: lathe key create."));
    if (!scope.allows(requires.value())) {
      throw Problem.forbidden(
          "a key of scope %s may not do this; it takes %s.".formatted(scope, requires.value()));
    }
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

  /**
   * Whether the request comes from this machine and was made by a command or by our own page: not
   * through a proxy, not under a foreign host name (DNS rebinding), not from a page of another
   * origin.
   */
  static boolean isLocal(HttpServerRequest request) {
    boolean loopback =
        request.remoteAddress() != null
            && request.remoteAddress().hostAddress() != null
            && isLoopback(request.remoteAddress().hostAddress());
    String host = request.authority() == null ? "" : request.authority().toString();
    String origin = request.getHeader("Origin");
    return loopback
        && host.matches("(localhost|127\\.0\\.0\\.1|\\[::1])(:\\d{1,5})?")
        && (origin == null || origin.equals("http://" + host))
        && !"cross-site".equals(request.getHeader("Sec-Fetch-Site"))
        && request.getHeader("X-Forwarded-For") == null
        && request.getHeader("Forwarded") == null;
  }

  private static boolean isLoopback(String address) {
    return address.startsWith("127.") || address.equals("::1") || address.equals("0:0:0:0:0:0:0:1");
  }
}
