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
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import org.jboss.resteasy.reactive.RestPath;

/** What happens to a search, as server-sent events. */
@Path("/api/v1/searches/{id}/events")
public class EventResource {
  private static final Duration HEARTBEAT = Duration.ofSeconds(15);

  private final Searches searches;
  private final SearchEvents events;
  private final ArtifactFiles files;

  EventResource(Searches searches, SearchEvents events, ArtifactFiles files) {
    this.searches = searches;
    this.events = events;
    this.files = files;
  }

  /**
   * Events of a search from now on: first its {@code state} (a search), then {@code state}, {@code
   * progress} (stage, fraction, message), {@code candidate} (one each) and {@code front} (its
   * members) as they come. After an interruption ask for candidates and front again.
   */
  @GET
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Blocking
  @Requires(Scope.VIEWER)
  public Multi<OutboundSseEvent> watch(@RestPath long id, @Context Sse sse) {
    SearchRow row =
        searches
            .find(id)
            .orElseThrow(() -> Problem.notFound("there is no search %d.".formatted(id)));
    Multi<SearchEvents.Event> first = Multi.createFrom().item(new SearchEvents.Event("state", row));
    Multi<OutboundSseEvent> changes =
        Multi.createBy()
            .merging()
            .streams(first, events.of(id))
            .emitOn(Infrastructure.getDefaultWorkerPool())
            .onItem()
            .transform(event -> event(sse, event));
    Multi<OutboundSseEvent> heartbeats =
        Multi.createFrom()
            .ticks()
            .startingAfter(HEARTBEAT)
            .every(HEARTBEAT)
            .onOverflow()
            .drop()
            .onItem()
            .transform(tick -> sse.newEventBuilder().comment("still here").build());
    return Multi.createBy().merging().streams(changes, heartbeats);
  }

  private OutboundSseEvent event(Sse sse, SearchEvents.Event event) {
    Object data =
        switch (event.data()) {
          case SearchRow row -> Transactions.call(() -> SearchView.of(row));
          case EvaluatedCandidate candidate -> CandidateView.of(candidate);
          case Long searchId -> Transactions.call(() -> FrontView.of(searchId, files));
          default -> event.data();
        };
    return sse.newEventBuilder()
        .name(event.type())
        .mediaType(MediaType.APPLICATION_JSON_TYPE)
        .data(data)
        .build();
  }
}
