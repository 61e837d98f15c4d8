package dev.lathe.service.rest;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lathe.service.access.ApiKeyRow;
import dev.lathe.service.access.ApiKeys;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.problem.Problem;
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
import java.util.Optional;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** API keys. */
@Path("/api/v1/keys")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Requires(Scope.ADMIN)
public class KeyResource {
  private static final int MAX_NAME = 100;

  private final ApiKeys keys;

  KeyResource(ApiKeys keys) {
    this.keys = keys;
  }

  /** What a new key is to be. */
  public record KeyRequest(
      @Nullable String name, @Nullable Scope scope, @Nullable Instant expiresAt) {}

  /**
   * A key.
   *
   * @param prefix how the key begins
   * @param device the only device for which an agent's key speaks, once it is known
   * @param key the key itself, told once when it is made
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record KeyView(
      String id,
      String name,
      String prefix,
      Scope scope,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable Instant revokedAt,
      @Nullable Instant lastUsedAt,
      @Nullable String device,
      @Nullable String key) {}

  /** All keys, ended ones too. */
  @GET
  public List<KeyView> list() {
    return keys.all().stream().map(row -> view(row, null)).toList();
  }

  /** Makes a key. The answer is the only place where it is ever seen. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public RestResponse<KeyView> create(KeyRequest request) {
    if (request.name() == null || request.name().isBlank() || request.name().length() > MAX_NAME) {
      throw Problem.invalid("name", "name must have 1 to %d characters.".formatted(MAX_NAME));
    }
    if (request.scope() == null) {
      throw Problem.invalid("scope", "scope is missing: viewer, operator, agent or admin.");
    }
    ApiKeys.NewKey key =
        keys.create(request.name(), request.scope(), Optional.ofNullable(request.expiresAt()));
    return RestResponse.status(RestResponse.Status.CREATED, view(key.row(), key.text()));
  }

  /** Ends a key. */
  @DELETE
  @Path("{id}")
  public void revoke(@RestPath long id) {
    if (!keys.revoke(id)) {
      throw Problem.notFound("there is no key %d.".formatted(id));
    }
  }

  private static KeyView view(ApiKeyRow row, @Nullable String key) {
    return new KeyView(
        String.valueOf(row.id),
        row.name,
        "lathe_" + row.prefix,
        row.scope,
        row.createdAt,
        row.expiresAt,
        row.revokedAt,
        row.lastUsedAt,
        row.device,
        key);
  }
}
