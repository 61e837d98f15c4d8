package dev.lathe.service.rest;

import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import dev.lathe.service.search.Retention;
import dev.lathe.service.store.DiskUse;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the service's home folder takes of its disk. */
@Path("/api/v1/disk")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class DiskResource {
  private final DiskUse disk;
  private final Retention retention;

  DiskResource(DiskUse disk, Retention retention) {
    this.disk = disk;
    this.retention = retention;
  }

  /**
   * The disk, in bytes.
   *
   * @param low whether so little is free that what is stored may fail
   * @param home what the service keeps, of {@code total}
   * @param parts of the home: {@code database}, {@code artifacts}, {@code dataSets}, {@code
   *     decodedImages}, {@code work}, {@code agent}, {@code logs}, {@code other}
   * @param retentionDays after which runs that ended are deleted; missing if never
   * @param retentionDiskShare of the disk, beyond which the oldest of them are; missing if never
   */
  public record DiskView(
      long total,
      long free,
      boolean low,
      long home,
      Map<String, Long> parts,
      Instant lookedAt,
      @Nullable Integer retentionDays,
      @Nullable Double retentionDiskShare) {}

  /** What is taken and what is free; the parts as they were some minutes ago at most. */
  @GET
  @Requires(Scope.VIEWER)
  public DiskView get() throws IOException {
    DiskUse.Taken taken = disk.taken();
    return new DiskView(
        taken.total(),
        taken.free(),
        taken.isLow(),
        taken.home(),
        taken.parts(),
        taken.lookedAt(),
        retention.days().isPresent() ? retention.days().getAsInt() : null,
        retention.share().isPresent() ? retention.share().getAsDouble() : null);
  }
}
