package dev.lathe.service.rest;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.lathe.runs.SpaceDefinition;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.farm.PredictorFreshness;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.search.Searches;
import dev.lathe.service.search.SpaceShelf;
import dev.lathe.service.store.DataSetRow;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.PredictorRow;
import dev.lathe.service.store.Transactions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** What searches use and learn: data sets, spaces, predictors, measurements. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class CatalogResource {
  private final SpaceShelf spaces;
  private final Searches searches;
  private final PredictorFreshness freshness;

  CatalogResource(SpaceShelf spaces, Searches searches, PredictorFreshness freshness) {
    this.spaces = spaces;
    this.searches = searches;
    this.freshness = freshness;
  }

  /** A data set that a search used. */
  public record DataSetView(
      String id,
      String name,
      String spec,
      List<String> classes,
      int train,
      int validation,
      int test,
      int channels,
      int height,
      int width,
      String sha256) {}

  /** A search space; {@code size} is the number of its architectures, as text. */
  public record SpaceView(
      String name,
      String description,
      String size,
      int genes,
      @JsonRawValue @Schema(implementation = Object.class) String definition) {}

  /** A measurement with every sample, in milliseconds. */
  public record MeasurementView(
      String id,
      String deviceId,
      @Nullable String searchId,
      String key,
      String precision,
      String modelSha256,
      String runtime,
      int threads,
      int batch,
      int warmups,
      String protocol,
      double p50,
      double p90,
      double p99,
      double mad,
      double sentinelBefore,
      double sentinelAfter,
      Map<String, String> environment,
      Map<String, Double> figures,
      String verdict,
      String verdictReason,
      Instant startedAt,
      double[] samples) {}

  /** The data sets that searches used. */
  @GET
  @Path("data-sets")
  @Requires(Scope.VIEWER)
  public List<DataSetView> dataSets() {
    return Transactions.call(
        () ->
            DataSetRow.<DataSetRow>list("order by id").stream()
                .map(
                    row ->
                        new DataSetView(
                            String.valueOf(row.id),
                            row.name,
                            row.spec,
                            row.classes,
                            row.train,
                            row.validation,
                            row.test,
                            row.channels,
                            row.height,
                            row.width,
                            row.sha256))
                .toList());
  }

  /** The search spaces that can be named, the built-in ones first. */
  @GET
  @Path("spaces")
  @Requires(Scope.VIEWER)
  public List<SpaceView> spaces() {
    return spaces.all().stream().map(CatalogResource::view).toList();
  }

  /** Stores a user's own space, in place of one of the same name. */
  @POST
  @Path("spaces")
  @Consumes(MediaType.APPLICATION_JSON)
  @Requires(Scope.OPERATOR)
  public RestResponse<SpaceView> addSpace(String definition) {
    return RestResponse.status(RestResponse.Status.CREATED, view(spaces.add(definition)));
  }

  /** Removes a space that a user stored, and that no run works on. */
  @DELETE
  @Path("spaces/{name}")
  @Requires(Scope.OPERATOR)
  public void removeSpace(@RestPath String name) {
    searches.requireUnused("space '%s'".formatted(name), "\"%s\"".formatted(name));
    if (!spaces.remove(name)) {
      throw Problem.notFound(
          "there is no space '%s' that somebody stored; built-in ones stay.".formatted(name));
    }
  }

  /** Predictors, the newest first; of one device, or of one search, if it is named. */
  @GET
  @Path("predictors")
  @Requires(Scope.VIEWER)
  public List<PredictorView> predictors(
      @RestQuery @Nullable String device, @RestQuery @Nullable Long search) {
    return Transactions.call(
        () ->
            PredictorRow.<PredictorRow>find(
                    "(?1 is null or device = ?1) and (?2 is null or searchId = ?2) order by id desc",
                    device,
                    search)
                .page(0, Page.MAX_SIZE)
                .stream()
                .map(row -> PredictorView.of(row, freshness))
                .toList());
  }

  /** A measurement. */
  @GET
  @Path("measurements/{id}")
  @Requires(Scope.VIEWER)
  public MeasurementView measurement(@RestPath long id) {
    return Transactions.call(
        () ->
            MeasurementRow.<MeasurementRow>findByIdOptional(id)
                .map(CatalogResource::view)
                .orElseThrow(() -> Problem.notFound("there is no measurement %d.".formatted(id))));
  }

  private static SpaceView view(SpaceDefinition space) {
    return new SpaceView(
        space.name(), space.description(), space.size(), space.genes(), space.json());
  }

  private static MeasurementView view(MeasurementRow row) {
    return new MeasurementView(
        Long.toString(row.number()),
        Long.toString(row.deviceId),
        row.searchId == null ? null : Long.toString(row.searchId),
        row.key,
        row.precision,
        row.modelSha256,
        row.runtime,
        row.threads,
        row.batch,
        row.warmups,
        row.protocol,
        row.p50Millis,
        row.p90Millis,
        row.p99Millis,
        row.madMillis,
        row.sentinelBeforeMillis,
        row.sentinelAfterMillis,
        row.environment,
        row.figures,
        row.verdict,
        row.verdictReason,
        row.startedAt,
        row.samplesMillis);
  }
}
