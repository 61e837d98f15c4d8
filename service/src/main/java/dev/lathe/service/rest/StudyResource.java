package dev.lathe.service.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.runs.RequestJson;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.search.Studies;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.Transactions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * Studies: searches whose architectures a user's own trainer evaluates. Ask for suggestions, tell
 * their figures; candidates, hypervolume and front are those of the search of the same number.
 */
@Path("/api/v1/studies")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class StudyResource {
  private final Studies studies;
  private final ObjectMapper json;

  StudyResource(Studies studies, ObjectMapper json) {
    this.studies = studies;
    this.json = json;
  }

  /**
   * An architecture to evaluate.
   *
   * @param leaseUntil after which it may go to another client
   */
  public record SuggestionView(
      String id, int number, Map<String, String> architecture, Instant leaseUntil) {}

  /**
   * Who asks, and for how many.
   *
   * @param client asks again under the same id and gets what it did not tell yet
   */
  public record Asking(@Nullable String client, @Nullable Integer count) {}

  /**
   * Begins a study: a request with a space ({@code {"genes": [{"name", "choices"}]}}, a table, or a
   * space of networks), objectives, and if wanted constraints and a method.
   */
  @POST
  @Requires(Scope.OPERATOR)
  public RestResponse<SearchView> begin(
      String body, @HeaderParam("Idempotency-Key") @Nullable String idempotencyKey)
      throws JsonProcessingException {
    SearchRow row =
        studies.begin(RequestJson.read(json.readTree(body)), Optional.ofNullable(idempotencyKey));
    return RestResponse.ResponseBuilder.create(
            RestResponse.Status.CREATED, Transactions.call(() -> SearchView.of(row)))
        .location(URI.create("/api/v1/searches/" + row.number()))
        .build();
  }

  /** Architectures for a client to evaluate; none if the space has no more. */
  @POST
  @Path("{id}/suggestions")
  @Requires(Scope.OPERATOR)
  public List<SuggestionView> suggest(@RestPath long id, Asking asking) {
    if (asking == null) {
      throw Problem.badRequest("the body must be a JSON object with 'client'.");
    }
    int count = asking.count() == null ? 1 : asking.count();
    return studies.suggest(find(id), asking.client(), count).stream()
        .map(
            one ->
                new SuggestionView(
                    Long.toString(one.row().number()),
                    one.row().number,
                    one.architecture(),
                    one.row().leaseUntil))
        .toList();
  }

  /** Takes the result of a suggestion, or of an architecture that was not asked for. */
  @POST
  @Path("{id}/results")
  @Requires(Scope.OPERATOR)
  public CandidateView tell(@RestPath long id, String body) throws JsonProcessingException {
    JsonNode result = json.readTree(body);
    return CandidateView.of(studies.tell(find(id), result));
  }

  /** Ends a study; its front is what was told. */
  @POST
  @Path("{id}/finish")
  @Requires(Scope.OPERATOR)
  public SearchView finish(@RestPath long id) {
    SearchRow row = studies.finish(find(id));
    return Transactions.call(() -> SearchView.of(row));
  }

  private SearchRow find(long id) {
    return studies
        .find(id)
        .orElseThrow(() -> Problem.notFound("there is no study %d.".formatted(id)));
  }
}
