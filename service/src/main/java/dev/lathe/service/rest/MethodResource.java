package dev.lathe.service.rest;

import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.MethodCard;
import dev.lathe.runs.SearchRunner;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.enterprise.inject.Instance;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.List;

/** What a request can name: methods with what each can do, forms, metrics. */
@Path("/api/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class MethodResource {
  private final Instance<SearchRunner> runner;

  MethodResource(Instance<SearchRunner> runner) {
    this.runner = runner;
  }

  /**
   * A kind of metric.
   *
   * @param onDevice whether it is written with a device, as {@code latency@desk}
   */
  public record QuantityView(
      String symbol, String title, String unit, boolean maximize, boolean onDevice) {}

  /** The search methods, their settings, and which kinds of space each refuses and why. */
  @GET
  @Path("methods")
  @Requires(Scope.VIEWER)
  public List<MethodCard> methods() {
    return runner.isUnsatisfied() ? List.of() : runner.get().methods();
  }

  /** The forms in which networks can be searched. */
  @GET
  @Path("forms")
  @Requires(Scope.VIEWER)
  public List<String> forms() {
    return List.copyOf(CompressionRecipe.known().keySet());
  }

  /** The kinds of metric that are known everywhere. */
  @GET
  @Path("metrics")
  @Requires(Scope.VIEWER)
  public List<QuantityView> metrics() {
    return Arrays.stream(Quantity.values())
        .map(
            one ->
                new QuantityView(
                    one.symbol(),
                    one.title(),
                    one.unit(),
                    one.direction() == dev.lathe.metric.Direction.MAXIMIZE,
                    one.onDevice()))
        .toList();
  }
}
