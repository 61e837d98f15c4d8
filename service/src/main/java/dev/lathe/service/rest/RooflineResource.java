package dev.lathe.service.rest;

import dev.lathe.latency.FusedKernels;
import dev.lathe.latency.Kernel;
import dev.lathe.latency.Roofline;
import dev.lathe.latency.RooflineReport;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.farm.DeviceRooflines;
import dev.lathe.service.pipeline.ArtifactRecord;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.Transactions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Where the time goes: rooflines of devices, and of files on them. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class RooflineResource {
  private static final List<String> PRECISIONS = List.of("float32", "int8");

  private final DeviceRooflines rooflines;
  private final ArtifactFiles files;

  RooflineResource(DeviceRooflines rooflines, ArtifactFiles files) {
    this.rooflines = rooflines;
    this.files = files;
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
  @Path("devices/{id}/roofline")
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

  /** Where a file's time goes on a device, by name or id: per kernel, with the waterline's data. */
  @GET
  @Path("artifacts/{id}/roofline")
  @Requires(Scope.VIEWER)
  public RooflineReport ofArtifact(@RestPath long id, @RestQuery @Nullable String device)
      throws IOException {
    if (device == null || device.isBlank()) {
      throw Problem.invalid("device", "device is missing. Maybe the name of one: /api/v1/devices.");
    }
    ArtifactRow artifact =
        Transactions.call(
            () ->
                ArtifactRow.<ArtifactRow>findByIdOptional(id)
                    .orElseThrow(() -> Problem.notFound("there is no artifact %d.".formatted(id))));
    if (!artifact.mediaType.equals(ArtifactRecord.ONNX)) {
      throw Problem.notFound(
          "artifact %d is no ONNX file but %s.".formatted(id, artifact.mediaType));
    }
    long deviceId =
        Transactions.call(
            () ->
                DeviceRow.<DeviceRow>list("order by id").stream()
                    .filter(
                        row ->
                            row.name.equals(device) || Long.toString(row.number()).equals(device))
                    .findFirst()
                    .orElseThrow(
                        () ->
                            Problem.notFound(
                                "there is no device '%s'. Maybe list them: /api/v1/devices."
                                    .formatted(device)))
                    .number());
    List<Kernel> kernels;
    try {
      kernels = FusedKernels.of(OnnxGraph.parse(files.get(artifact.sha256)), 1);
    } catch (OnnxException e) {
      throw Problem.invalid("artifact", e.getMessage());
    }
    boolean integer = kernels.stream().anyMatch(Kernel::integer);
    return RooflineReport.of(
        rooflines.of(deviceId, integer ? "int8" : "float32").roofline(), kernels);
  }

  private static String name(long id) {
    return Transactions.call(
        () ->
            DeviceRow.<DeviceRow>findByIdOptional(id)
                .orElseThrow(() -> Problem.notFound("there is no device %d.".formatted(id)))
                .name);
  }
}
