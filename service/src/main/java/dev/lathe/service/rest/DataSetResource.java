package dev.lathe.service.rest;

import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.data.DataShelf;
import dev.lathe.service.data.StoredDataRow;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.search.Searches;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The data sets that searches may name, as {@code dataset:NAME}. */
@Path("/api/v1/datasets")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class DataSetResource {
  private final DataShelf shelf;
  private final Searches searches;

  DataSetResource(DataShelf shelf, Searches searches) {
    this.shelf = shelf;
    this.searches = searches;
  }

  /**
   * A data set.
   *
   * @param kind how it is read: {@code folder}, {@code csv}, {@code parquet}, {@code idx}, {@code
   *     cifar}
   * @param uploaded whether it was sent; else it was registered where it lies
   * @param files unpacked, where it was sent; {@code bytes} likewise
   * @param sha256 of the archive that was sent
   */
  public record StoredData(
      String name,
      String kind,
      boolean uploaded,
      @Nullable Integer files,
      @Nullable Long bytes,
      @Nullable String sha256,
      Instant createdAt) {}

  /**
   * A folder of the service's machine that shall be known by a name.
   *
   * @param path below one that the operator opened to this
   */
  public record Registration(@Nullable String name, @Nullable String kind, @Nullable String path) {}

  /** All data sets, by name. */
  @GET
  @Requires(Scope.VIEWER)
  public List<StoredData> list() {
    return shelf.all().stream().map(DataSetResource::view).toList();
  }

  /** A data set. */
  @GET
  @Path("{name}")
  @Requires(Scope.VIEWER)
  public StoredData get(@RestPath String name) {
    return shelf.find(name).map(DataSetResource::view).orElseThrow(() -> unknown(name));
  }

  /** Takes a data set in: the body is an archive, zip or tar or tar within gzip, of any length. */
  @PUT
  @Path("{name}")
  @Consumes({
    MediaType.APPLICATION_OCTET_STREAM,
    "application/zip",
    "application/x-tar",
    "application/gzip"
  })
  @Requires(Scope.OPERATOR)
  public RestResponse<StoredData> upload(
      @RestPath String name, @RestQuery @DefaultValue("folder") String kind, InputStream archive)
      throws IOException {
    return RestResponse.status(
        RestResponse.Status.CREATED, view(shelf.upload(name, kind, archive)));
  }

  /** Registers a folder below those that the operator opened to it. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Requires(Scope.OPERATOR)
  public RestResponse<StoredData> register(@Nullable Registration wanted) {
    if (wanted == null || wanted.name() == null || wanted.path() == null) {
      throw Problem.badRequest("'name' and 'path' must be given.");
    }
    return RestResponse.status(
        RestResponse.Status.CREATED,
        view(
            shelf.register(
                wanted.name(),
                Objects.requireNonNullElse(wanted.kind(), "folder"),
                wanted.path())));
  }

  /**
   * Removes a data set that no run works on: what was sent is deleted, what was registered stays
   * where it lies.
   */
  @DELETE
  @Path("{name}")
  @Requires(Scope.OPERATOR)
  public void remove(@RestPath String name) {
    searches.requireUnused(
        "data set '%s'".formatted(name), "\"%s%s\"".formatted(DataShelf.PREFIX, name));
    if (!shelf.remove(name)) {
      throw unknown(name);
    }
  }

  private static Problem unknown(String name) {
    return Problem.notFound("there is no data set '%s'.".formatted(name));
  }

  private static StoredData view(StoredDataRow row) {
    return new StoredData(
        row.name, row.kind, row.uploaded, row.files, row.bytes, row.sha256, row.createdAt);
  }
}
