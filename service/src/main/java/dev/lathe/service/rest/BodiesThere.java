package dev.lathe.service.rest;

import dev.lathe.service.problem.Problem;
import jakarta.ws.rs.ext.Provider;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.IOException;

/** Refuses bodies that are JSON's null where something must be said. */
@Provider
public class BodiesThere implements ReaderInterceptor {
  @Override
  public Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
    Object body = context.proceed();
    if (body == null) {
      throw Problem.badRequest("the body must be a JSON object, not null.");
    }
    return body;
  }
}
