package dev.lathe.service.rest;

import dev.lathe.farm.message.AgentRegistration;
import dev.lathe.farm.message.EnrolledAgent;
import dev.lathe.farm.message.EnrolmentRequest;
import dev.lathe.service.access.Enrolments;
import dev.lathe.service.access.Open;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.problem.Problem;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.Objects;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** How other machines become devices. */
@Path("/api/v1/enrolments")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class EnrolmentResource {
  private final Enrolments enrolments;

  EnrolmentResource(Enrolments enrolments) {
    this.enrolments = enrolments;
  }

  /** For which device a token is wanted. */
  public record TokenRequest(@Nullable String device) {}

  /** A token; told here and never again. */
  public record TokenView(String token, String device, Instant expiresAt) {}

  /** Makes a token, good once and for a day. */
  @POST
  @Requires(Scope.ADMIN)
  public RestResponse<TokenView> create(TokenRequest request) {
    String device = device(request.device());
    Enrolments.Token token = enrolments.token(device);
    return RestResponse.status(
        RestResponse.Status.CREATED, new TokenView(token.text(), device, token.expiresAt()));
  }

  /** Gives the machine that has a token its key. */
  @POST
  @Path("spend")
  @Open
  public EnrolledAgent spend(@Nullable EnrolmentRequest request) {
    if (request == null) {
      throw Problem.badRequest("the body must have 'token' and 'device'.");
    }
    String device = device(request.device());
    return enrolments
        .spend(Objects.requireNonNullElse(request.token(), ""), device)
        .map(key -> new EnrolledAgent(device, key.text()))
        .orElseThrow(
            () ->
                Problem.unauthorized(
                    "the enrolment token is not one for device '%s', was used before, or is too old. Maybe make another: lathe device enrol %s"
                        .formatted(device, device)));
  }

  private static String device(@Nullable String name) {
    if (name == null || !name.matches(AgentRegistration.NAME)) {
      throw Problem.invalid(
          "device", "device must be a name of 1 to 100 letters, digits, '.', '_' and '-'.");
    }
    return name;
  }
}
