package dev.lathe.service.rest;

import dev.lathe.runs.ArtifactRecord;
import dev.lathe.service.access.Caller;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.search.Searches;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.Transactions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** Files that searches made. */
@Path("/api/v1/artifacts")
@RunOnVirtualThread
public class ArtifactResource {
  private static final Logger LOG = Logger.getLogger(ArtifactResource.class);

  private final ArtifactFiles files;
  private final Searches searches;
  private final Caller caller;

  ArtifactResource(ArtifactFiles files, Searches searches, Caller caller) {
    this.files = files;
    this.searches = searches;
    this.caller = caller;
  }

  /** Files with the given content, the newest first. */
  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @Requires(Scope.VIEWER)
  public List<ArtifactView> list(@RestQuery @Nullable String sha256) {
    if (sha256 == null || !sha256.matches("[0-9a-f]{64}")) {
      throw Problem.invalid("sha256", "sha256 must be 64 hexadecimal digits, not " + sha256 + ".");
    }
    return Transactions.call(
        () ->
            ArtifactRow.<ArtifactRow>list("sha256 = ?1 order by id desc", sha256).stream()
                .map(ArtifactView::of)
                .toList());
  }

  /** What is known of a file. */
  @GET
  @Path("{id}")
  @Produces(MediaType.APPLICATION_JSON)
  @Requires(Scope.VIEWER)
  public ArtifactView get(@RestPath long id) {
    return Transactions.call(() -> ArtifactView.of(find(id)));
  }

  /** The ONNX file. */
  @GET
  @Path("{id}/onnx")
  @Requires(Scope.VIEWER)
  public Response onnx(@RestPath long id, @Context Request request) {
    ArtifactRow row = Transactions.call(() -> find(id));
    if (!row.mediaType.equals(ArtifactRecord.ONNX)) {
      throw Problem.notFound(
          "artifact %d is no ONNX file but %s. Maybe ask for /api/v1/artifacts/%d/content."
              .formatted(id, row.mediaType, id));
    }
    return content(row, row.name + ".onnx", request);
  }

  /** The file, whatever it is; test images are given to administrators alone. */
  @GET
  @Path("{id}/content")
  @Requires(Scope.VIEWER)
  public Response content(@RestPath long id, @Context Request request) {
    ArtifactRow row = Transactions.call(() -> find(id));
    if (row.kind == ArtifactRecord.Kind.TEST_SET && !caller.key().scope.allows(Scope.ADMIN)) {
      throw Problem.forbidden(
          "artifact %d holds pictures of a data set; they are given to keys of scope admin alone."
              .formatted(id));
    }
    return content(row, row.name, request);
  }

  /** Deletes the content of a file of a run that is over; what is known of it stays. */
  @DELETE
  @Path("{id}")
  @Requires(Scope.OPERATOR)
  public void remove(@RestPath long id) {
    searches.deleteContent(Transactions.call(() -> find(id)).number());
  }

  private Response content(ArtifactRow row, String name, Request request) {
    if (row.contentDeletedAt != null) {
      throw Problem.gone(
          "the content of artifact %d was deleted at %s."
              .formatted(row.number(), row.contentDeletedAt));
    }
    EntityTag tag = new EntityTag(row.sha256);
    return Optional.ofNullable(request.evaluatePreconditions(tag))
        .orElseGet(
            () -> {
              java.nio.file.Path file = verified(row);
              return Response.ok(file, row.mediaType)
                  .header(
                      "Content-Disposition",
                      "attachment; filename=\"" + name.replaceAll("[^A-Za-z0-9._-]", "_") + "\"")
                  .header("Content-SHA256", row.sha256);
            })
        .tag(tag)
        .build();
  }

  private java.nio.file.Path verified(ArtifactRow row) {
    try {
      return files.verified(row.sha256);
    } catch (FileNotFoundException e) {
      throw Problem.gone(
          "the content of artifact %d is lost. Maybe the home folder was restored without its files."
              .formatted(row.number()));
    } catch (IOException e) {
      LOG.error(e.getMessage());
      throw Problem.gone(
          "the content of artifact %d is damaged: its SHA-256 is not the one that was stored. Maybe restore it from a backup."
              .formatted(row.number()));
    }
  }

  private static ArtifactRow find(long id) {
    return ArtifactRow.<ArtifactRow>findByIdOptional(id)
        .orElseThrow(() -> Problem.notFound("there is no artifact %d.".formatted(id)));
  }
}
