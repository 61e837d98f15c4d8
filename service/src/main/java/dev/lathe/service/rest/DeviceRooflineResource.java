package dev.lathe.service.rest;

import dev.lathe.latency.Roofline;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.farm.DeviceRooflines;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.Transactions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Devices in three numbers. */
@Path("/api/v1/devices/{id}/roofline")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class DeviceRooflineResource {
  private static final List<String> PRECISIONS = List.of("float32", "int8");

  private final DeviceRooflines rooflines;

  DeviceRooflineResource(DeviceRooflines rooflines) {
    this.rooflines = rooflines;
  }

  /**
   * A device in three numbers.
   *
   * @param relativeWidth half width of the 90 % interval of an estimate, as its share
   * @param measurements networks to which it was fitted
   */
  public record RooflineView(
      String device,
      String precision,
      double macsPerMilli,
      double bytesPerMilli,
      double startMillis,
      double balance,
      double relativeWidth,
      int measurements) {}

  /** The roofline of a device at a precision, fitted to the measurements on record. */
  @GET
  @Requires(Scope.VIEWER)
  public RooflineView ofDevice(@RestPath long id, @RestQuery @Nullable String precision) {
    String chosen = precision == null ? PRECISIONS.getFirst() : precision;
    if (!PRECISIONS.contains(chosen)) {
      throw Problem.invalid(
          "precision", "precision is '%s'. Maybe one of %s.".formatted(chosen, PRECISIONS));
    }
    String name = name(id);
    DeviceRooflines.Fitted fitted = rooflines.of(id, chosen);
    Roofline roofline = fitted.roofline();
    return new RooflineView(
        name,
        chosen,
        roofline.macsPerMilli(),
        roofline.bytesPerMilli(),
        roofline.startMillis(),
        roofline.balance(),
        roofline.relativeWidth(),
        fitted.measurements());
  }

  private static String name(long id) {
    return Transactions.call(
        () ->
            DeviceRow.<DeviceRow>findByIdOptional(id)
                .orElseThrow(() -> Problem.notFound("there is no device %d.".formatted(id)))
                .name);
  }
}
