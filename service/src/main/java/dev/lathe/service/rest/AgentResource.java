package dev.lathe.service.rest;

import dev.lathe.farm.message.AgentRegistration;
import dev.lathe.farm.message.ClaimRequest;
import dev.lathe.farm.message.RegisteredAgent;
import dev.lathe.farm.message.RenewedLease;
import dev.lathe.farm.message.ResultMessage;
import dev.lathe.service.access.Caller;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.farm.Devices;
import dev.lathe.service.farm.LeaseDesk;
import dev.lathe.service.farm.Results;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DeviceRow;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** By which agents speak with the service. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class AgentResource {
  private final Devices devices;
  private final LeaseDesk desk;
  private final Results results;
  private final ArtifactFiles files;
  private final Caller caller;

  AgentResource(
      Devices devices, LeaseDesk desk, Results results, ArtifactFiles files, Caller caller) {
    this.devices = devices;
    this.desk = desk;
    this.results = results;
    this.files = files;
    this.caller = caller;
  }

  /**
   * An agent says what it is; idempotent by name. 403 if the key speaks for another device alone,
   * 409 if another key or another machine speaks for the device of that name.
   */
  @POST
  @Path("agents")
  @Consumes(MediaType.APPLICATION_JSON)
  @Requires(Scope.AGENT)
  public RegisteredAgent register(AgentRegistration agent) {
    DeviceRow row = devices.register(agent, caller.key());
    return new RegisteredAgent(Long.toString(row.number()), row.name);
  }

  /** An agent waits for a job: 200 with a lease, or 204 when there was none. */
  @POST
  @Path("agents/{deviceId}/claim")
  @Consumes(MediaType.APPLICATION_JSON)
  @Requires(Scope.AGENT)
  public Response claim(
      @RestPath long deviceId, ClaimRequest claim, @Context HttpServerRequest request) {
    AtomicBoolean hungUp = new AtomicBoolean();
    request.response().closeHandler(closed -> hungUp.set(true));
    DeviceRow device = devices.heardOf(deviceId, caller.key());
    return desk.claim(device, Duration.ofSeconds(claim.waitSeconds()), hungUp::get)
        .map(job -> Response.ok(job).build())
        .orElseGet(() -> Response.noContent().build());
  }

  /** The model of a lease. */
  @GET
  @Path("leases/{leaseId}/model")
  @Produces(MediaType.APPLICATION_OCTET_STREAM)
  @Requires(value = Scope.AGENT, orLeaseToken = true)
  public java.nio.file.Path model(@RestPath String leaseId) {
    requireOwn(leaseId);
    return files.path(desk.modelOf(leaseId));
  }

  /** Keeps a lease: 200 with the new deadline, 410 if it is over. */
  @POST
  @Path("leases/{leaseId}/renew")
  @Requires(value = Scope.AGENT, orLeaseToken = true)
  public RenewedLease renew(@RestPath String leaseId) {
    requireOwn(leaseId);
    return new RenewedLease(desk.renew(leaseId));
  }

  /**
   * Brings a result: 200 (again the same: 200), 409 if another is there, 410 if it is too late, 422
   * if it is not what the job asks for.
   */
  @PUT
  @Path("leases/{leaseId}/result")
  @Consumes(MediaType.APPLICATION_JSON)
  @Requires(value = Scope.AGENT, orLeaseToken = true)
  public Recorded result(
      @RestPath String leaseId,
      @HeaderParam(ResultMessage.HASH_HEADER) @Nullable String sha256,
      byte[] body) {
    if (sha256 == null) {
      throw Problem.badRequest(
          "the header %s with the SHA-256 of the body is missing."
              .formatted(ResultMessage.HASH_HEADER));
    }
    requireOwn(leaseId);
    results.submit(leaseId, body, sha256);
    return new Recorded(leaseId, "recorded");
  }

  /** The token of a lease opens that lease alone; a key, the leases of its devices. */
  private void requireOwn(String leaseId) {
    caller.known().ifPresent(key -> desk.requireOwn(leaseId, key));
  }

  /** Answer to a result. */
  public record Recorded(String leaseId, String state) {}
}
