package dev.lathe.service.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.runs.DataSetRecord;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.SearchRequest;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.data.DataShelf;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.search.Searches;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.CandidateRow;
import dev.lathe.service.store.EvaluatedCandidate;
import dev.lathe.service.store.FactRow;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.Transactions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
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
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Searches: launch, follow, steer, and what came of them. */
@Path("/api/v1/searches")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class SearchResource {
  private final Searches searches;
  private final ArtifactFiles files;
  private final DataShelf shelf;
  private final ObjectMapper json;

  SearchResource(Searches searches, ArtifactFiles files, DataShelf shelf, ObjectMapper json) {
    this.searches = searches;
    this.files = files;
    this.shelf = shelf;
    this.json = json;
  }

  /**
   * What would be carried out, everything that was left open decided; refused as a launch would be.
   * Launches nothing.
   */
  @POST
  @Path("check")
  @Consumes(MediaType.APPLICATION_JSON)
  @Requires(Scope.VIEWER)
  @Schema(implementation = Object.class)
  public String check(String body) throws JsonProcessingException {
    return RequestJson.write(searches.checked(read(body)));
  }

  private SearchRequest read(String body) throws JsonProcessingException {
    return RequestJson.read(json.readTree(body.isBlank() ? "{}" : body));
  }

  /** Launches a search. With {@code Idempotency-Key}, sending it again launches no second one. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Requires(Scope.OPERATOR)
  public RestResponse<SearchView> launch(
      @RequestBody(content = @Content(schema = @Schema(implementation = Object.class))) String body,
      @HeaderParam("Idempotency-Key") @Nullable String idempotencyKey)
      throws JsonProcessingException {
    SearchRow row = searches.launch(read(body), IdempotencyKey.of(idempotencyKey));
    return RestResponse.ResponseBuilder.create(RestResponse.Status.CREATED, view(row))
        .location(URI.create("/api/v1/searches/" + row.number()))
        .build();
  }

  /** Searches, the newest first. */
  @GET
  @Requires(Scope.VIEWER)
  public Page<SearchView> list(
      @RestQuery @DefaultValue("0") int page, @RestQuery @DefaultValue("50") int size) {
    Page.check(page, size);
    return Transactions.call(
        () -> new Page<>(SearchView.of(searches.page(page, size)), page, size, searches.count()));
  }

  /** A search. */
  @GET
  @Path("{id}")
  @Requires(Scope.VIEWER)
  public SearchView get(@RestPath long id) {
    return view(find(id));
  }

  /** Stops a search until it is resumed. */
  @POST
  @Path("{id}/pause")
  @Requires(Scope.OPERATOR)
  public SearchView pause(@RestPath long id) {
    return view(searches.pause(id).orElseThrow(() -> unknown(id)));
  }

  /** Lets a paused or failed search go on from what it recorded. */
  @POST
  @Path("{id}/resume")
  @Requires(Scope.OPERATOR)
  public SearchView resume(@RestPath long id) {
    return view(searches.resume(id).orElseThrow(() -> unknown(id)));
  }

  /** Ends a search for good. */
  @POST
  @Path("{id}/cancel")
  @Requires(Scope.OPERATOR)
  public SearchView cancel(@RestPath long id) {
    return view(searches.cancel(id).orElseThrow(() -> unknown(id)));
  }

  /** Removes a search that is over, with its candidates, measurements, predictors and files. */
  @DELETE
  @Path("{id}")
  @Requires(Scope.OPERATOR)
  public void remove(@RestPath long id) {
    if (!searches.remove(id)) {
      throw unknown(id);
    }
  }

  /**
   * Candidates in the order in which they came: a page of them, or with {@code sample} about so
   * many, thinned out evenly, all non-dominated ones among them.
   */
  @GET
  @Path("{id}/candidates")
  @Requires(Scope.VIEWER)
  public Page<CandidateView> candidates(
      @RestPath long id,
      @RestQuery @DefaultValue("0") int page,
      @RestQuery @DefaultValue("100") int size,
      @RestQuery @DefaultValue("false") boolean nonDominated,
      @RestQuery @DefaultValue("0") int sample) {
    Page.check(page, size);
    if (sample < 0 || sample > Page.MAX_SIZE) {
      throw Problem.invalid(
          "sample", "sample must be 0 to %d, not %d.".formatted(Page.MAX_SIZE, sample));
    }
    find(id);
    return Transactions.call(
        () -> {
          long total =
              nonDominated
                  ? CandidateRow.count("searchId = ?1 and nonDominated", id)
                  : CandidateRow.count("searchId", id);
          List<CandidateView> items =
              (sample > 0
                      ? EvaluatedCandidate.sample(id, sample, total)
                      : EvaluatedCandidate.page(id, nonDominated, page, size))
                  .stream().map(CandidateView::of).toList();
          return new Page<>(items, page, size, total);
        });
  }

  /**
   * The hypervolume of the front after each evaluation, as pairs of the number of evaluations and
   * the share of the box that the first batch spans; about 500 of them.
   */
  @GET
  @Path("{id}/hypervolume")
  @Requires(Scope.VIEWER)
  public List<List<Double>> hypervolume(@RestPath long id) {
    find(id);
    return Transactions.call(() -> HypervolumeView.of(id));
  }

  /** The final front; empty until it is there. */
  @GET
  @Path("{id}/front")
  @Requires(Scope.VIEWER)
  public List<FrontView> front(@RestPath long id) {
    find(id);
    return Transactions.call(() -> FrontView.of(id, files));
  }

  /** All files that the search made. */
  @GET
  @Path("{id}/artifacts")
  @Requires(Scope.VIEWER)
  public List<ArtifactView> artifacts(@RestPath long id) {
    find(id);
    return Transactions.call(
        () ->
            ArtifactRow.<ArtifactRow>list("searchId = ?1 order by id", id).stream()
                .map(ArtifactView::of)
                .toList());
  }

  /**
   * What was noticed of the search's images before anything was trained; no content until it is
   * known, and where the images are built in.
   */
  @GET
  @Path("{id}/data")
  @Requires(Scope.VIEWER)
  @Schema(implementation = Object.class)
  public @Nullable String data(@RestPath long id) {
    find(id);
    return Transactions.call(
        () ->
            FactRow.<FactRow>findByIdOptional(new FactRow.Key(id, DataSetRecord.REPORT))
                .map(row -> shelf.withoutPlaces(row.value))
                .orElse(null));
  }

  /** The report of a finished search. */
  @GET
  @Path("{id}/report")
  @Requires(Scope.VIEWER)
  @Schema(implementation = Object.class)
  public String report(@RestPath long id) {
    String report = find(id).report;
    if (report == null) {
      throw Problem.notFound(
          "search %d has no report yet. Maybe wait until it is finished.".formatted(id));
    }
    return report;
  }

  private SearchRow find(long id) {
    return searches.find(id).orElseThrow(() -> unknown(id));
  }

  private static Problem unknown(long id) {
    return Problem.notFound(
        "there is no search %d. Maybe list them: GET /api/v1/searches.".formatted(id));
  }

  private static SearchView view(SearchRow row) {
    return Transactions.call(() -> SearchView.of(row));
  }
}
