package dev.lathe.service.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.farm.PredictorFreshness;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.search.CalibrationSubmission;
import dev.lathe.service.search.Calibrations;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.PredictorRow;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.Transactions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Calibrations of a device. */
@Path("/api/v1/devices/{id}/calibrations")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class DeviceCalibrationResource {
  private final Calibrations calibrations;
  private final PredictorFreshness freshness;
  private final ObjectReader submissions;

  DeviceCalibrationResource(
      Calibrations calibrations, PredictorFreshness freshness, ObjectMapper json) {
    this.calibrations = calibrations;
    this.freshness = freshness;
    this.submissions =
        json.readerFor(CalibrationSubmission.class)
            .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  }

  /** Launches a calibration; with {@code ifStale}, only where a predictor is missing or stale. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Requires(Scope.OPERATOR)
  public RestResponse<CalibrationView> launch(
      @RestPath long id,
      @RequestBody(
              content = @Content(schema = @Schema(implementation = CalibrationSubmission.class)))
          String body,
      @HeaderParam("Idempotency-Key") @Nullable String idempotencyKey)
      throws JsonProcessingException {
    DeviceRow device = device(id);
    CalibrationSubmission wanted = submissions.readValue(body.isBlank() ? "{}" : body);
    if (wanted == null) {
      throw Problem.badRequest("the body must be a JSON object, not null.");
    }
    if (Boolean.TRUE.equals(wanted.ifStale())) {
      List<PredictorRow> fresh = calibrations.fresh(device, wanted);
      if (!fresh.isEmpty()) {
        return RestResponse.ok(CalibrationView.fresh(device, fresh, freshness));
      }
    }
    SearchRow row = calibrations.launch(device, wanted, IdempotencyKey.of(idempotencyKey));
    return RestResponse.ResponseBuilder.create(
            RestResponse.Status.CREATED, CalibrationView.of(row, freshness))
        .location(URI.create("/api/v1/calibrations/" + row.number()))
        .build();
  }

  /** Calibrations of the device, the newest first. */
  @GET
  @Requires(Scope.VIEWER)
  public List<CalibrationView> list(@RestPath long id) {
    return calibrations.of(device(id)).stream()
        .map(row -> CalibrationView.of(row, freshness))
        .toList();
  }

  private static DeviceRow device(long id) {
    return Transactions.call(
        () ->
            DeviceRow.<DeviceRow>findByIdOptional(id)
                .orElseThrow(() -> Problem.notFound("there is no device %d.".formatted(id))));
  }
}
