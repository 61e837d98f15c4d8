package dev.lathe.service.rest;

import dev.lathe.latency.Kernel;
import dev.lathe.latency.RooflineReport;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.isolated.ModelFailure;
import dev.lathe.runs.isolated.ModelReader;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.farm.DeviceRooflines;
import dev.lathe.service.farm.Devices;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
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

/** Where a file's time goes on a device. */
@Path("/api/v1/artifacts/{id}/roofline")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class ArtifactRooflineResource {
  private final DeviceRooflines rooflines;
  private final ArtifactFiles files;
  private final ModelReader reader;

  ArtifactRooflineResource(DeviceRooflines rooflines, ArtifactFiles files, ModelReader reader) {
    this.rooflines = rooflines;
    this.files = files;
    this.reader = reader;
  }

  /** Where a file's time goes on a device, by name or id: per kernel, with the waterline's data. */
  @GET
  @Requires(Scope.VIEWER)
  public RooflineReport ofArtifact(@RestPath long id, @RestQuery @Nullable String device) {
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
    if (artifact.contentDeletedAt != null) {
      throw Problem.gone(
          "the content of artifact %d was deleted at %s.".formatted(id, artifact.contentDeletedAt));
    }
    long deviceId =
        Transactions.call(
            () ->
                Devices.all("id").stream()
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
      kernels = reader.kernels(files.path(artifact.sha256));
    } catch (ModelFailure e) {
      throw Problem.invalid("artifact", String.valueOf(e.getMessage()));
    }
    boolean integer = kernels.stream().anyMatch(Kernel::integer);
    return RooflineReport.of(
        rooflines.of(deviceId, integer ? "int8" : "float32").roofline(), kernels);
  }
}
