package dev.lathe.service.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.CompressionStep;
import dev.lathe.runs.isolated.ModelFailure;
import dev.lathe.runs.isolated.ModelReader;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.search.CompressionSubmission;
import dev.lathe.service.search.Compressions;
import dev.lathe.service.search.Searches;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.SearchRow;
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

/** Compressions of models: of files that searches made, and of any other ONNX file. */
@Path("/api/v1/compressions")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class CompressionResource {
  private final Compressions compressions;
  private final Searches searches;
  private final ArtifactFiles files;
  private final ModelReader reader;
  private final ObjectMapper json;
  private final ObjectReader submissions;

  CompressionResource(
      Compressions compressions,
      Searches searches,
      ArtifactFiles files,
      ModelReader reader,
      ObjectMapper json) {
    this.compressions = compressions;
    this.searches = searches;
    this.files = files;
    this.reader = reader;
    this.json = json;
    this.submissions =
        json.readerFor(CompressionSubmission.class)
            .with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  }

  /** A model that was sent, by which it is named in a launch. */
  public record Sent(String sha256, long bytes) {}

  /** Takes an ONNX file that shall be compressed. */
  @POST
  @Path("models")
  @Consumes({MediaType.APPLICATION_OCTET_STREAM, "application/onnx"})
  @Requires(Scope.OPERATOR)
  public Sent send(byte[] model) {
    try {
      reader.requireModel(model);
    } catch (ModelFailure e) {
      throw Problem.badRequest("the model cannot be read: " + e.getMessage());
    }
    return new Sent(files.put(model), model.length);
  }

  /** Launches a compression. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  @Requires(Scope.OPERATOR)
  public RestResponse<CompressionView> launch(
      @RequestBody(
              content = @Content(schema = @Schema(implementation = CompressionSubmission.class)))
          String body,
      @HeaderParam("Idempotency-Key") @Nullable String idempotencyKey)
      throws JsonProcessingException {
    CompressionSubmission wanted = submissions.readValue(body.isBlank() ? "{}" : body);
    if (wanted == null) {
      throw Problem.badRequest("the body must be a JSON object, not null.");
    }
    SearchRow row = compressions.launch(wanted, IdempotencyKey.of(idempotencyKey));
    return RestResponse.ResponseBuilder.create(RestResponse.Status.CREATED, CompressionView.of(row))
        .location(URI.create("/api/v1/compressions/" + row.number()))
        .build();
  }

  /** A recipe that can be launched by name, and the names of its steps. */
  public record RecipeView(String name, List<String> steps) {}

  /** The recipes that have names. */
  @GET
  @Path("recipes")
  @Requires(Scope.VIEWER)
  public List<RecipeView> recipes() {
    return CompressionRecipe.known().values().stream()
        .map(
            recipe ->
                new RecipeView(
                    recipe.name(), recipe.steps().stream().map(CompressionStep::name).toList()))
        .toList();
  }

  /** Compressions, the newest first. */
  @GET
  @Requires(Scope.VIEWER)
  public Page<CompressionView> list(
      @RestQuery @DefaultValue("0") int page, @RestQuery @DefaultValue("50") int size) {
    Page.check(page, size);
    return new Page<>(
        compressions.page(page, size).stream()
            .map(row -> CompressionView.brief(row, json))
            .toList(),
        page,
        size,
        compressions.count());
  }

  /** A compression with its report. */
  @GET
  @Path("{id}")
  @Requires(Scope.VIEWER)
  public CompressionView get(@RestPath long id) {
    return CompressionView.of(find(id));
  }

  /** Ends a compression for good. */
  @POST
  @Path("{id}/cancel")
  @Requires(Scope.OPERATOR)
  public CompressionView cancel(@RestPath long id) {
    return CompressionView.of(searches.cancel(find(id).number()).orElseThrow());
  }

  /** Removes a compression that is over, with its files and measurements. */
  @DELETE
  @Path("{id}")
  @Requires(Scope.OPERATOR)
  public void remove(@RestPath long id) {
    boolean unused = searches.remove(find(id).number());
  }

  private SearchRow find(long id) {
    return compressions
        .find(id)
        .orElseThrow(() -> Problem.notFound("there is no compression %d.".formatted(id)));
  }
}
