package dev.lathe.service.rest;

import dev.lathe.service.access.ApiKeyRow;
import dev.lathe.service.access.ApiKeys;
import dev.lathe.service.access.Caller;
import dev.lathe.service.access.Open;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.access.SessionCookie;
import dev.lathe.service.access.Sessions;
import dev.lathe.service.problem.Problem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Cookie;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The sessions of browsers. */
@Path("/api/v1/session")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class SessionResource {
  private final Sessions sessions;
  private final ApiKeys keys;
  private final Caller caller;

  SessionResource(Sessions sessions, ApiKeys keys, Caller caller) {
    this.sessions = sessions;
    this.keys = keys;
    this.caller = caller;
  }

  /**
   * By what a browser comes in: one of the two.
   *
   * @param link the secret of a one-time link
   * @param key an API key
   */
  public record Entrance(@Nullable String link, @Nullable String key) {}

  /** Whose session it is. */
  public record SessionView(String name, Scope scope) {}

  /** A one-time link's secret: the page {@code /#/link/SECRET} opens a session with it. */
  public record LinkView(String link) {}

  /** Lets a browser in: the answer sets the cookie. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Open
  public Response open(@Nullable Entrance entrance, @Context HttpServerRequest request) {
    if (entrance == null || (entrance.link() == null) == (entrance.key() == null)) {
      throw Problem.badRequest("either 'link' or 'key' must be given.");
    }
    Optional<String> session =
        entrance.link() != null
            ? sessions.openByLink(entrance.link())
            : keys.good(Objects.requireNonNull(entrance.key()))
                .map(key -> sessions.open(Objects.requireNonNull(key.id)));
    if (session.isEmpty()) {
      throw Problem.unauthorized(
          entrance.link() != null
              ? "the link was used before, or is too old. Maybe make another: lathe key link."
              : "the API key is not known, expired or revoked.");
    }
    return Response.noContent()
        .cookie(SessionCookie.of(request, session.get(), Sessions.LENGTH))
        .build();
  }

  /** Whose key or session the request carries. */
  @GET
  @Requires(Scope.VIEWER)
  public SessionView get() {
    ApiKeyRow key = caller.key();
    return new SessionView(key.name, key.scope);
  }

  /** Ends the session of this browser. */
  @DELETE
  @Open
  public Response close(@Context HttpHeaders headers, @Context HttpServerRequest request) {
    Cookie cookie = headers.getCookies().get(SessionCookie.name(request));
    if (cookie != null) {
      sessions.close(cookie.getValue());
    }
    return Response.noContent().cookie(SessionCookie.of(request, "", Duration.ZERO)).build();
  }

  /** Makes a one-time link to a session of the caller's key. */
  @POST
  @Path("links")
  @Requires(Scope.VIEWER)
  public RestResponse<LinkView> link() {
    return RestResponse.status(
        RestResponse.Status.CREATED, new LinkView(sessions.link(caller.key())));
  }
}
