package dev.lathe.service.rest;

import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.search.SearchEvents;
import dev.lathe.service.search.Searches;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.EvaluatedCandidate;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.Transactions;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** What happens to a search, as server-sent events. */
@Path("/api/v1/searches/{id}/events")
public class EventResource {
  private final Searches searches;
  private final SearchEvents events;
  private final ArtifactFiles files;

  EventResource(Searches searches, SearchEvents events, ArtifactFiles files) {
    this.searches = searches;
    this.events = events;
    this.files = files;
  }

  /**
   * Events of a search: first its {@code state} (a search), then {@code state}, {@code progress}
   * (stage, fraction, message), {@code candidate} (one each) and {@code front} (its members) as
   * they come; it ends after the state {@code finished} or {@code cancelled}. After an interruption
   * the header {@code Last-Event-ID} brings what was missed; where it begins with {@code state}
   * again, that is not known any more: ask for candidates and front.
   */
  @GET
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Blocking
  @Requires(Scope.VIEWER)
  public Multi<OutboundSseEvent> watch(
      @RestPath long id, @HeaderParam("Last-Event-ID") @Nullable String lastId, @Context Sse sse) {
    SearchRow row =
        searches
            .find(id)
            .orElseThrow(() -> Problem.notFound("there is no search %d.".formatted(id)));
    if (SearchEvents.isOver(row.state)) {
      return Multi.createFrom()
          .item(event(sse, new SearchEvents.Event("", "state", row), new AtomicBoolean()));
    }
    AtomicBoolean over = new AtomicBoolean();
    return events
        .of(id, Objects.requireNonNullElse(lastId, ""), new Current(id))
        .emitOn(Infrastructure.getDefaultWorkerPool())
        .select()
        .first(event -> !over.get())
        .onItem()
        .transform(event -> event(sse, event, over));
  }

  /** A search as it stands when it is told. */
  private record Current(long searchId) {}

  private OutboundSseEvent event(Sse sse, SearchEvents.Event event, AtomicBoolean over) {
    if (event.type().equals(SearchEvents.HEARTBEAT)) {
      return sse.newEventBuilder().comment("still here").build();
    }
    Object data =
        switch (event.data()) {
          case SearchRow row -> state(row, over);
          case Current current -> state(searches.find(current.searchId).orElseThrow(), over);
          case EvaluatedCandidate candidate -> CandidateView.of(candidate);
          case Long searchId -> Transactions.call(() -> FrontView.of(searchId, files));
          default -> event.data();
        };
    OutboundSseEvent.Builder builder = sse.newEventBuilder();
    if (!event.id().isEmpty()) {
      builder.id(event.id());
    }
    return builder.name(event.type()).mediaType(MediaType.APPLICATION_JSON_TYPE).data(data).build();
  }

  private static SearchView state(SearchRow row, AtomicBoolean over) {
    over.set(SearchEvents.isOver(row.state));
    return Transactions.call(() -> SearchView.of(row));
  }
}
