package dev.lathe.service.search;

import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.DiskUse;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.SearchState;
import dev.lathe.service.store.Transactions;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/**
 * Deletes runs that ended long ago, or the oldest ones where the home takes too much of its disk;
 * neither unless it is set. Calibrations stay, for later runs predict by them, and so does what
 * runs that are not over name.
 */
@ApplicationScoped
public class Retention {
  private static final Logger LOG = Logger.getLogger(Retention.class);
  private static final List<RunKind> KINDS =
      List.of(RunKind.SEARCH, RunKind.COMPRESSION, RunKind.STUDY);
  private static final List<SearchState> ENDED =
      List.of(SearchState.FINISHED, SearchState.FAILED, SearchState.CANCELLED);

  /** What ended lately is spared, however full the disk is: somebody may be about to look at it. */
  private static final Duration SPARED = Duration.ofDays(1);

  private static final Pattern NUMBERS_AND_HASHES = Pattern.compile("[0-9a-f]{64}|[0-9]+");
  private static final long FIRST_MINUTES = 3;
  private static final long EVERY_MINUTES = 60;

  private final Searches searches;
  private final OrphanSweep orphans;
  private final DiskUse disk;
  private final InstantSource clock;
  private final OptionalInt days;
  private final OptionalDouble share;
  private final ScheduledExecutorService schedule =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("retention").unstarted(task));

  Retention(
      Searches searches,
      OrphanSweep orphans,
      DiskUse disk,
      InstantSource clock,
      @ConfigProperty(name = "lathe.retention.days") OptionalInt days,
      @ConfigProperty(name = "lathe.retention.disk-share") OptionalDouble share) {
    if (days.isPresent() && days.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "LATHE_RETENTION_DAYS must be 1 or more, not %d. Maybe leave it out to keep all runs."
              .formatted(days.getAsInt()));
    }
    if (share.isPresent() && !(share.getAsDouble() > 0 && share.getAsDouble() <= 1)) {
      throw new IllegalArgumentException(
          "LATHE_RETENTION_DISK_SHARE must be more than 0 and at most 1, not %s. Maybe 0.5, half of the disk."
              .formatted(share.getAsDouble()));
    }
    this.searches = searches;
    this.orphans = orphans;
    this.disk = disk;
    this.clock = clock;
    this.days = days;
    this.share = share;
  }

  /** After so many days runs are deleted, if after any. */
  public OptionalInt days() {
    return days;
  }

  /** Of the disk, so much may be taken before the oldest runs are deleted, if they are. */
  public OptionalDouble share() {
    return share;
  }

  void start(@Observes StartupEvent event) {
    if (days.isPresent() || share.isPresent()) {
      var unused =
          schedule.scheduleWithFixedDelay(
              this::applyQuietly, FIRST_MINUTES, EVERY_MINUTES, TimeUnit.MINUTES);
    }
  }

  void stop(@Observes ShutdownEvent event) {
    schedule.shutdownNow();
  }

  private void applyQuietly() {
    try {
      int unused = apply(days, share);
    } catch (IOException | RuntimeException | Error e) {
      LOG.warnf("old runs could not be looked for: %s", e.getMessage());
    }
  }

  /**
   * Deletes what is to be deleted now; how many runs.
   *
   * @param days after which
   * @param share of the disk, beyond which the oldest go
   */
  public int apply(OptionalInt days, OptionalDouble share) throws IOException {
    Instant now = clock.instant();
    int removed = 0;
    if (days.isPresent()) {
      for (long id : ended(now.minus(Duration.ofDays(days.getAsInt())))) {
        removed += remove(id, "it ended more than %d days ago".formatted(days.getAsInt())) ? 1 : 0;
      }
    }
    if (share.isPresent()) {
      removed += untilFits(share.getAsDouble(), now);
    }
    if (removed > 0) {
      orphans.soon();
    }
    return removed;
  }

  private int untilFits(double share, Instant now) throws IOException {
    DiskUse.Taken taken = disk.taken();
    long allowed = (long) (share * taken.total());
    long used = taken.home();
    int removed = 0;
    for (long id : used > allowed ? ended(now.minus(SPARED)) : List.<Long>of()) {
      if (used <= allowed) {
        return removed;
      }
      long bytes = bytesOfItsOwn(id);
      if (remove(id, "the home takes more than %s of its disk".formatted(share))) {
        used -= bytes;
        removed++;
      }
    }
    if (used > allowed) {
      LOG.warnf(
          "the home takes %,d MB, more than %s of its disk, and no run is left that may be deleted. Maybe delete data sets.",
          used / 1_000_000, share);
    }
    return removed;
  }

  /** Runs that ended before, the oldest first, without those that others name. */
  private List<Long> ended(Instant before) {
    return Transactions.call(
        () -> {
          List<Long> ended =
              SearchRow.getEntityManager()
                  .createQuery(
                      "select s.id from SearchRow s where s.kind in ?1 and s.state in ?2 and s.finishedAt < ?3 order by s.finishedAt",
                      Long.class)
                  .setParameter(1, KINDS)
                  .setParameter(2, ENDED)
                  .setParameter(3, before)
                  .getResultList();
          Set<String> named = ended.isEmpty() ? Set.of() : named();
          return ended.stream().filter(id -> !isNamed(id, named)).toList();
        });
  }

  /** Every number and hash in a request of a run that is not over: it may be a run or its file. */
  private static Set<String> named() {
    Set<String> named = new HashSet<>();
    for (String request :
        SearchRow.getEntityManager()
            .createQuery("select s.request from SearchRow s where s.state not in ?1", String.class)
            .setParameter(1, ENDED)
            .getResultList()) {
      Matcher found = NUMBERS_AND_HASHES.matcher(request);
      while (found.find()) {
        named.add(found.group());
      }
    }
    return named;
  }

  private static boolean isNamed(long id, Set<String> named) {
    return !named.isEmpty()
        && (named.contains(Long.toString(id))
            || ArtifactRow.<ArtifactRow>list("searchId", id).stream()
                .anyMatch(
                    file ->
                        named.contains(file.sha256)
                            || named.contains(Long.toString(file.number()))));
  }

  private static long bytesOfItsOwn(long id) {
    return Transactions.call(
        () ->
            ((Number)
                    ArtifactRow.getEntityManager()
                        .createNativeQuery(
                            """
                            select coalesce(sum(bytes), 0) from (
                              select distinct sha256, bytes from artifact a
                              where search_id = ?1 and content_deleted_at is null and not exists (
                                select 1 from artifact o where o.sha256 = a.sha256 and o.search_id <> ?1)) own
                            """)
                        .setParameter(1, id)
                        .getSingleResult())
                .longValue());
  }

  private boolean remove(long id, String why) {
    Optional<SearchRow> run = searches.find(id);
    try {
      if (run.isPresent() && searches.remove(id)) {
        LOG.infof("run %d, '%s', was deleted: %s", id, run.get().name, why);
        return true;
      }
    } catch (IllegalStateException e) {
      LOG.infof("run %d stays: %s", id, e.getMessage()); // somebody resumed it meanwhile
    }
    return false;
  }
}
