package dev.lathe.service.farm;

import dev.lathe.farm.FailureKind;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Reality;
import dev.lathe.farm.SentinelModel;
import dev.lathe.farm.device.DeviceHealth;
import dev.lathe.farm.lease.Attempt;
import dev.lathe.farm.lease.AttemptState;
import dev.lathe.farm.lease.Job;
import dev.lathe.farm.lease.JobState;
import dev.lathe.farm.lease.LeaseRules;
import dev.lathe.farm.lease.Leases;
import dev.lathe.farm.lease.Renewal;
import dev.lathe.farm.lease.Transition;
import dev.lathe.farm.message.LeasedJob;
import dev.lathe.service.access.ApiKeyRow;
import dev.lathe.service.access.Secrets;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.JobRow;
import dev.lathe.service.store.LeaseRow;
import dev.lathe.service.store.SearchState;
import dev.lathe.service.store.Transactions;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.persistence.LockModeType;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/**
 * Hands jobs to agents and takes them back: applies {@link Leases} inside transactions, wakes who
 * waits, and keeps this machine quiet while one of its devices measures.
 */
@ApplicationScoped
public class LeaseDesk {
  private static final Logger LOG = Logger.getLogger(LeaseDesk.class);
  private static final LeaseRules RULES =
      new LeaseRules(Duration.ofSeconds(30), Duration.ofMinutes(10), 5);
  private static final Duration CHECK_PAUSE = Duration.ofSeconds(10);
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  private final InstantSource clock;
  private final Leases leases;
  private final MachineGate gate;
  private final ArtifactFiles files;
  private final FairShares shares = new FairShares();
  private final Bell jobsCame = new Bell();
  private final Bell jobsEnded = new Bell();
  private final ScheduledExecutorService sweeper =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("lease-sweeper").unstarted(task));
  private volatile boolean stopping;

  LeaseDesk(InstantSource clock, MachineGate gate, ArtifactFiles files) {
    this.clock = clock;
    this.leases = new Leases(RULES, clock);
    this.gate = gate;
    this.files = files;
  }

  void start(@Observes StartupEvent event) {
    Transactions.run(
        () ->
            LeaseRow.<LeaseRow>list("state", AttemptState.RUNNING).stream()
                .filter(lease -> Devices.needsThisMachine(Devices.get(lease.deviceId)))
                .forEach(lease -> gate.leased(String.valueOf(lease.id))));
    var unused = sweeper.scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.SECONDS);
  }

  void stop(@Observes ShutdownEvent event) {
    stopping = true;
    sweeper.shutdown();
    jobsCame.ring();
    jobsEnded.ring();
  }

  /** Rings when a job came into its last state. */
  Bell jobsEnded() {
    return jobsEnded;
  }

  /** Tells waiting agents that there are new jobs. */
  void jobsCame() {
    jobsCame.ring();
  }

  /**
   * Leases the device's next job to its agent, waiting for one if there is none.
   *
   * @param hungUp whether the agent is gone meanwhile, so that nothing may be leased to it
   */
  public Optional<LeasedJob> claim(DeviceRow device, Duration wait, BooleanSupplier hungUp) {
    long end = System.nanoTime() + wait.toNanos();
    while (true) {
      long heard = jobsCame.rings();
      Optional<LeasedJob> job = tryClaim(device, hungUp);
      Duration left = Duration.ofNanos(end - System.nanoTime());
      if (job.isPresent() || !left.isPositive() || stopping || hungUp.getAsBoolean()) {
        return job;
      }
      jobsCame.await(heard, left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
    }
  }

  /** Extends a lease. */
  public Instant renew(String leaseId) {
    Renewal renewal =
        Transactions.call(
            () -> {
              JobRow job = lockedJobOf(leaseId);
              LeaseRow lease = get(leaseId);
              Renewal answer = leases.renew(job(job), attempt(lease));
              if (answer instanceof Renewal.Renewed(Transition transition)) {
                store(transition, job, lease);
                Devices.get(lease.deviceId).lastSeenAt = clock.instant();
              }
              return answer;
            });
    return switch (renewal) {
      case Renewal.Renewed(Transition transition) -> transition.attempt().deadline();
      case Renewal.Gone(String reason) -> throw new FarmRefusal(FarmRefusal.Kind.GONE, reason);
    };
  }

  /**
   * Fails unless the key speaks for the device that holds the lease.
   *
   * @throws FarmRefusal if it does not
   */
  public void requireOwn(String leaseId, ApiKeyRow key) {
    Transactions.run(() -> Devices.requireSpeaks(key, Devices.get(get(leaseId).deviceId)));
  }

  /**
   * SHA-256 of the model that a lease is about.
   *
   * @throws FarmRefusal if the lease is over: only who is to measure a model reads it
   */
  public String modelOf(String leaseId) {
    return Transactions.call(
        () -> {
          LeaseRow lease = get(leaseId);
          if (lease.state != AttemptState.RUNNING || !lease.deadline.isAfter(clock.instant())) {
            throw new FarmRefusal(FarmRefusal.Kind.GONE, "lease '%s' is over.".formatted(leaseId));
          }
          return JobRow.<JobRow>findById(lease.jobId).modelSha256;
        });
  }

  /** Cancels every job of a search that has not ended. */
  public void cancelJobsOf(long searchId) {
    List<String> over =
        Transactions.call(
            () ->
                JobRow.<JobRow>find(
                        "searchId = ?1 and state in ?2 order by id",
                        searchId,
                        List.of(JobState.PENDING, JobState.LEASED))
                    .withLock(LockModeType.PESSIMISTIC_WRITE)
                    .stream()
                    .flatMap(job -> cancel(job).stream())
                    .toList());
    over.forEach(gate::released);
    jobsEnded.ring();
  }

  private Optional<String> cancel(JobRow job) {
    job.finishedAt = clock.instant();
    if (job.state != JobState.LEASED) {
      job.state = leases.cancel(job(job)).state();
      return Optional.empty();
    }
    LeaseRow lease = newestLease(job);
    store(leases.cancel(job(job), attempt(lease)), job, lease);
    return Optional.of(String.valueOf(lease.id));
  }

  private Optional<LeasedJob> tryClaim(DeviceRow device, BooleanSupplier hungUp) {
    if (!Devices.needsThisMachine(device)) {
      return grant(device.number(), hungUp);
    }
    if (!hasWork(device.number())) {
      return Optional.empty();
    }
    if (!gate.apply(LOOK_AGAIN)) {
      return Optional.empty();
    }
    try {
      Optional<LeasedJob> job = grant(device.number(), hungUp);
      job.ifPresent(leased -> noteAtGate(leased.leaseId()));
      return job;
    } finally {
      gate.leave();
    }
  }

  /** The lease may have been cancelled before the gate knew of it. */
  private void noteAtGate(String leaseId) {
    gate.leased(leaseId);
    if (Transactions.call(() -> get(leaseId).state) != AttemptState.RUNNING) {
      gate.released(leaseId);
    }
  }

  /** Whether a job waits for the device; makes a health check for a device that needs one. */
  private boolean hasWork(long deviceId) {
    return Transactions.call(
        () -> {
          DeviceHealth health = Devices.health(Devices.get(deviceId));
          if (health.takesJobs()) {
            return JobRow.count("deviceId = ?1 and state = ?2", deviceId, JobState.PENDING) > 0;
          }
          return health.takesChecks() && checkWaits(deviceId);
        });
  }

  /**
   * A device that must prove itself measures the sentinel, a network that is known to be good, so
   * that no other model is taken for the device's fault; the check is made when the last one ended
   * a while ago.
   */
  private boolean checkWaits(long deviceId) {
    Optional<JobRow> last =
        JobRow.<JobRow>find("deviceId = ?1 and healthCheck order by id desc", deviceId)
            .firstResultOptional();
    if (last.isPresent() && !last.get().state.isLast()) {
      return last.get().state == JobState.PENDING;
    }
    if (last.map(job -> job.finishedAt)
        .filter(at -> at.plus(CHECK_PAUSE).isAfter(clock.instant()))
        .isPresent()) {
      return false;
    }
    Optional<CheckModel> model = checkModel(Devices.get(deviceId));
    if (model.isEmpty()) {
      return false;
    }
    JobRow check = new JobRow();
    check.deviceId = deviceId;
    check.healthCheck = true;
    check.key = "health-check";
    check.precision = "float32";
    check.protocol = "quick";
    check.modelSha256 = model.get().sha256();
    check.modelBytes = model.get().bytes();
    check.state = JobState.PENDING;
    check.createdAt = clock.instant();
    check.persist();
    return true;
  }

  private record CheckModel(String sha256, long bytes) {}

  /** Of what was published nothing can be measured but what is in it: that it measured before. */
  private Optional<CheckModel> checkModel(DeviceRow device) {
    if (device.reality.equals(Reality.PUBLISHED.word())) {
      return JobRow.<JobRow>find(
              "deviceId = ?1 and not healthCheck order by state, id desc", device.number())
          .firstResultOptional()
          .map(job -> new CheckModel(job.modelSha256, job.modelBytes));
    }
    byte[] sentinel = SentinelModel.bytes();
    return Optional.of(new CheckModel(files.put(sentinel), sentinel.length));
  }

  private Optional<LeasedJob> grant(long deviceId, BooleanSupplier hungUp) {
    return Transactions.call(
        () -> {
          // Locked: a device that is being taken out of service gets no job any more.
          DeviceHealth health = Devices.health(Devices.locked(deviceId));
          boolean check = !health.takesJobs();
          if (hungUp.getAsBoolean() || (check && !(health.takesChecks() && checkWaits(deviceId)))) {
            return Optional.empty();
          }
          return (check ? nextCheck(deviceId) : nextJob(deviceId)).map(job -> lease(job, deviceId));
        });
  }

  /** The oldest job of the search whose turn it is; those of paused searches wait with them. */
  private Optional<JobRow> nextJob(long deviceId) {
    List<Long> waiting =
        JobRow.getEntityManager()
            .createQuery(
                "select distinct j.searchId from JobRow j where j.deviceId = ?1 and j.state = ?2"
                    + " and j.searchId is not null and not exists"
                    + " (select s from SearchRow s where s.id = j.searchId and s.state = ?3)",
                Long.class)
            .setParameter(1, deviceId)
            .setParameter(2, JobState.PENDING)
            .setParameter(3, SearchState.PAUSED)
            .getResultList();
    Optional<Long> search = shares.next(deviceId, waiting);
    if (search.isEmpty()) {
      return pending(deviceId, " and search_id is null");
    }
    Optional<JobRow> job = pending(deviceId, " and search_id = " + search.get());
    job.ifPresent(found -> shares.served(deviceId, search.get(), waiting));
    return job;
  }

  private static Optional<JobRow> nextCheck(long deviceId) {
    return pending(deviceId, " and health_check");
  }

  private static Optional<JobRow> pending(long deviceId, String which) {
    return JobRow.getEntityManager()
        .createNativeQuery(
            "select * from job where device_id = ?1 and state = 'PENDING'"
                + which
                + " order by id limit 1 for update skip locked",
            JobRow.class)
        .setParameter(1, deviceId)
        .getResultStream()
        .map(row -> (JobRow) row)
        .findFirst();
  }

  private LeasedJob lease(JobRow job, long deviceId) {
    String token = Secrets.leaseToken();
    Transition transition = leases.grant(job(job), Secrets.random(18), Long.toString(deviceId));
    LeaseRow lease = new LeaseRow();
    lease.id = transition.attempt().leaseId();
    lease.jobId = job.number();
    lease.attempt = transition.attempt().number();
    lease.deviceId = deviceId;
    lease.tokenSha256 = Secrets.sha256(token);
    lease.grantedAt = transition.attempt().grantedAt();
    lease.hardDeadline = transition.attempt().hardDeadline();
    store(transition, job, lease);
    lease.persist();
    return new LeasedJob(
        Long.toString(job.number()),
        lease.attempt,
        transition.attempt().leaseId(),
        transition.attempt().fencing(),
        RULES.lease().toMillis() / 1000.0,
        lease.deadline,
        token,
        new LeasedJob.Model(
            job.modelSha256,
            job.modelBytes,
            "/api/v1/leases/" + transition.attempt().leaseId() + "/model"),
        protocol(job, Devices.get(deviceId)));
  }

  /** How a job is to be measured on a device. */
  static MeasurementProtocol protocol(JobRow job, DeviceRow device) {
    return MeasurementProtocol.named(job.protocol, device.measuredThreads);
  }

  private void sweep() {
    try {
      List<String> overdue =
          Transactions.call(
              () ->
                  LeaseRow.<LeaseRow>list(
                          "state = ?1 and deadline <= ?2", AttemptState.RUNNING, clock.instant())
                      .stream()
                      .map(lease -> String.valueOf(lease.id))
                      .toList());
      overdue.forEach(this::expire);
    } catch (RuntimeException | Error e) {
      // An Error, too: a sweeper that ends is never started again.
      LOG.warnf("overdue leases could not be looked for: %s", e);
    }
  }

  private void expire(String leaseId) {
    boolean expired =
        Transactions.call(
            () -> {
              JobRow job = lockedJobOf(leaseId);
              LeaseRow lease = get(leaseId);
              Optional<Transition> transition = leases.expire(job(job), attempt(lease));
              transition.ifPresent(
                  to -> {
                    store(to, job, lease);
                    if (job.state == JobState.FAILED) {
                      job.failureKind = FailureKind.TIMED_OUT.name();
                      job.failureMessage =
                          "no agent brought a result in %d attempts.".formatted(job.attempts);
                    }
                  });
              return transition.isPresent();
            });
    if (expired) {
      ended(leaseId);
    }
  }

  /** Tells everyone that a lease is over. */
  void ended(String leaseId) {
    gate.released(leaseId);
    jobsCame.ring();
    jobsEnded.ring();
  }

  Leases leases() {
    return leases;
  }

  /** The job of a lease, locked until the transaction ends; always locked before its lease. */
  static JobRow lockedJobOf(String leaseId) {
    return JobRow.findById(get(leaseId).jobId, LockModeType.PESSIMISTIC_WRITE);
  }

  /** The lease as it is now, within a transaction. */
  static LeaseRow get(String leaseId) {
    LeaseRow lease =
        LeaseRow.<LeaseRow>findByIdOptional(leaseId)
            .orElseThrow(
                () ->
                    new FarmRefusal(
                        FarmRefusal.Kind.UNKNOWN, "there is no lease '%s'.".formatted(leaseId)));
    LeaseRow.getEntityManager().refresh(lease);
    return lease;
  }

  static Job job(JobRow row) {
    return new Job(Long.toString(row.number()), row.state, row.attempts);
  }

  static Attempt attempt(LeaseRow row) {
    return new Attempt(
        String.valueOf(row.id),
        Long.toString(row.jobId),
        row.attempt,
        Long.toString(row.deviceId),
        row.state,
        row.grantedAt,
        row.deadline,
        row.hardDeadline,
        Optional.ofNullable(row.resultSha256));
  }

  /** Writes what became of a job and its attempt into their rows. */
  void store(Transition transition, JobRow job, LeaseRow lease) {
    job.state = transition.job().state();
    job.attempts = transition.job().attempts();
    if (job.state.isLast() && job.finishedAt == null) {
      job.finishedAt = clock.instant();
    }
    lease.state = transition.attempt().state();
    lease.deadline = transition.attempt().deadline();
    lease.resultSha256 = transition.attempt().resultSha256().orElse(null);
  }

  private static LeaseRow newestLease(JobRow job) {
    return LeaseRow.<LeaseRow>find("jobId = ?1 and attempt = ?2", job.number(), job.attempts)
        .singleResult();
  }
}
