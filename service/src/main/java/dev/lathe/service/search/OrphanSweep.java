package dev.lathe.service.search;

import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.JobRow;
import dev.lathe.service.store.RecordedTableRow;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import dev.lathe.service.store.Transactions;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Deletes files that belong to nothing any more: of searches and artifacts that were deleted, of
 * tables that were replaced, of uploads.
 */
@ApplicationScoped
public class OrphanSweep {
  private static final Logger LOG = Logger.getLogger(OrphanSweep.class);
  private static final Duration SPARED = Duration.ofDays(1);
  private static final long FIRST_MINUTES = 2;
  private static final long EVERY_MINUTES = 6 * 60;
  private static final long SOON_SECONDS = 5;

  private final ArtifactFiles files;
  private final InstantSource clock;
  private final AtomicBoolean asked = new AtomicBoolean();
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("orphan-sweep").unstarted(task));

  OrphanSweep(ArtifactFiles files, InstantSource clock) {
    this.files = files;
    this.clock = clock;
  }

  void start(@Observes StartupEvent event) {
    var unused =
        schedule.scheduleWithFixedDelay(
            this::sweepQuietly, FIRST_MINUTES, EVERY_MINUTES, TimeUnit.MINUTES);
  }

  void stop(@Observes ShutdownEvent event) {
    schedule.shutdownNow();
  }

  /** Sweeps in a moment, for what was just let go of. */
  void soon() {
    if (!asked.getAndSet(true)) {
      var unused =
          schedule.schedule(
              () -> {
                asked.set(false);
                sweepQuietly();
              },
              SOON_SECONDS,
              TimeUnit.SECONDS);
    }
  }

  private void sweepQuietly() {
    try {
      int swept = sweep();
      if (swept > 0) {
        LOG.infof("%d files that belonged to nothing were deleted", swept);
      }
    } catch (RuntimeException | Error e) {
      LOG.warnf("files that belong to nothing could not be looked for: %s", e.getMessage());
    }
  }

  /** Deletes what belongs to nothing since a day; how many files. */
  public int sweep() {
    return files.sweep(clock.instant().minus(SPARED), OrphanSweep::belongs);
  }

  private static boolean belongs(String sha256) {
    return Transactions.call(
        () ->
            ArtifactRow.count("sha256 = ?1 and contentDeletedAt is null", sha256) > 0
                || RecordedTableRow.count("sha256", sha256) > 0
                || JobRow.count("modelSha256", sha256) > 0
                || SearchRow.count(
                        "request like ?1 and state not in ?2",
                        "%" + sha256 + "%",
                        List.of(SearchState.FINISHED, SearchState.CANCELLED))
                    > 0);
  }
}
