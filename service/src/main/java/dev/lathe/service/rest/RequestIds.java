package dev.lathe.service.rest;

import dev.lathe.service.problem.Problem;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import java.util.UUID;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * Gives each request an id, the caller's own if it sent a plain one: in the header {@code
 * X-Request-Id} of the answer, in problems, and in the log.
 */
public final class RequestIds {
  /** The header's name, and the id's in the log. */
  static final String HEADER = "X-Request-Id";

  private static final int LENGTH = 16;

  @ServerRequestFilter(preMatching = true)
  void begin(ContainerRequestContext request) {
    String sent = request.getHeaderString(HEADER);
    String id =
        sent != null && sent.matches("[A-Za-z0-9._-]{1,64}")
            ? sent
            : UUID.randomUUID().toString().replace("-", "").substring(0, LENGTH);
    request.setProperty(HEADER, id);
    MDC.put(HEADER, id);
  }

  @ServerResponseFilter
  void end(ContainerRequestContext request, ContainerResponseContext response) {
    Object id = request.getProperty(HEADER);
    if (id == null) {
      return;
    }
    response.getHeaders().putSingle(HEADER, id);
    if (response.getEntity() instanceof Problem.Body body) {
      response.setEntity(body.of(id.toString()));
    }
  }
}
