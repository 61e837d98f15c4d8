package dev.lathe.service.rest;

import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.farm.PredictorFreshness;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.search.Calibrations;
import dev.lathe.service.search.Searches;
import dev.lathe.service.store.SearchRow;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.RestPath;

/** Calibrations: follow, steer, and the predictors that came of them. */
@Path("/api/v1/calibrations")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class CalibrationResource {
  private final Calibrations calibrations;
  private final Searches searches;
  private final PredictorFreshness freshness;

  CalibrationResource(Calibrations calibrations, Searches searches, PredictorFreshness freshness) {
    this.calibrations = calibrations;
    this.searches = searches;
    this.freshness = freshness;
  }

  /** A calibration. */
  @GET
  @Path("{id}")
  @Requires(Scope.VIEWER)
  public CalibrationView get(@RestPath long id) {
    return view(find(id));
  }

  /** Stops a calibration until it is resumed. */
  @POST
  @Path("{id}/pause")
  @Requires(Scope.OPERATOR)
  public CalibrationView pause(@RestPath long id) {
    return view(searches.pause(find(id).number()).orElseThrow());
  }

  /** Lets a paused or failed calibration go on from what it measured. */
  @POST
  @Path("{id}/resume")
  @Requires(Scope.OPERATOR)
  public CalibrationView resume(@RestPath long id) {
    return view(searches.resume(find(id).number()).orElseThrow());
  }

  /** Ends a calibration for good. */
  @POST
  @Path("{id}/cancel")
  @Requires(Scope.OPERATOR)
  public CalibrationView cancel(@RestPath long id) {
    return view(searches.cancel(find(id).number()).orElseThrow());
  }

  /** Removes a calibration that is over, with its predictors and measurements. */
  @DELETE
  @Path("{id}")
  @Requires(Scope.OPERATOR)
  public void remove(@RestPath long id) {
    boolean unused = searches.remove(find(id).number());
  }

  private SearchRow find(long id) {
    return calibrations
        .find(id)
        .orElseThrow(() -> Problem.notFound("there is no calibration %d.".formatted(id)));
  }

  private CalibrationView view(SearchRow row) {
    return CalibrationView.of(row, freshness);
  }
}
