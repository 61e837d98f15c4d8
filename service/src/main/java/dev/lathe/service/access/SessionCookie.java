package dev.lathe.service.access;

import dev.lathe.service.problem.Problem;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.core.NewCookie;
import java.time.Duration;

/** The cookie that holds a browser's session: hidden from scripts, never sent from other sites. */
public final class SessionCookie {
  private SessionCookie() {}

  /** Its name; services on other ports of the machine have cookies of their own. */
  public static String name(HttpServerRequest request) {
    return "lathe-session-" + request.localAddress().port();
  }

  /** A cookie with a session, or with none to end one. */
  public static NewCookie of(HttpServerRequest request, String session, Duration length) {
    return new NewCookie.Builder(name(request))
        .value(session)
        .path("/")
        .maxAge((int) length.toSeconds())
        .httpOnly(true)
        .secure(request.isSSL())
        .sameSite(NewCookie.SameSite.STRICT)
        .build();
  }

  /**
   * Fails with 403 unless the request was made by our own page or by no page at all. Cookies do not
   * tell ports apart, so that a page of another program on this machine counts as of this site.
   */
  static void requireOwnPage(HttpServerRequest request) {
    String site = request.getHeader("Sec-Fetch-Site");
    String origin = request.getHeader("Origin");
    String host = request.authority() == null ? "" : request.authority().toString();
    boolean own =
        (site == null || site.equals("same-origin") || site.equals("none"))
            && (origin == null
                || origin.equals("http://" + host)
                || origin.equals("https://" + host));
    if (!own) {
      throw Problem.forbidden("this was sent by a page that is not of this service.");
    }
  }
}
