package dev.lathe.farm.lease;

import dev.lathe.farm.FailureKind;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * A service with several request threads, its database, some agents and the network between them,
 * on a clock of its own. By seed, messages are lost, doubled, late and out of order; agents sleep
 * longer than their leases, die, and send again; the service's clock jumps by up to ten minutes
 * either way. A request reads, thinks, and then writes only if what it read is still so.
 */
final class FarmSimulation {
  private static final int JOBS = 4;
  private static final int AGENTS = 3;
  private static final Duration CALM_AFTER = Duration.ofMinutes(20);
  private static final Duration END = Duration.ofHours(3);

  /** What the service recorded, in order. */
  record Recording(String jobId, int attempt, String sha256, boolean measured) {}

  private record Event(Instant at, long order, Runnable what) {}

  private final SplittableRandom random;
  private final boolean comparesBeforeWriting;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparing(Event::at).thenComparing(Event::order));
  private final Instant start = Instant.parse("2030-01-01T00:00:00Z");
  private final Leases leases;
  private final Map<String, Job> jobs = new LinkedHashMap<>();
  private final Map<String, Attempt> attempts = new HashMap<>();
  private final List<Recording> recordings = new ArrayList<>();
  private final Map<String, Integer> acknowledged = new HashMap<>();
  private Instant now = start;
  private Duration clockError = Duration.ZERO;
  private long order;
  int staleRefused;
  int duplicates;
  int conflicts;
  int expired;

  FarmSimulation(long seed, boolean comparesBeforeWriting) {
    this.random = new SplittableRandom(seed);
    this.comparesBeforeWriting = comparesBeforeWriting;
    this.leases =
        new Leases(
            new LeaseRules(Duration.ofSeconds(30), Duration.ofMinutes(3), 1000),
            () -> now.plus(clockError));
  }

  List<Recording> run() {
    for (int i = 0; i < JOBS; i++) {
      jobs.put("j" + i, Job.pending("j" + i));
    }
    for (int i = 0; i < AGENTS; i++) {
      String agent = "a" + i;
      later(random.nextDouble(5), () -> claim(agent));
    }
    later(1, this::sweep);
    later(5, this::jump);
    while (!events.isEmpty() && now.isBefore(start.plus(END)) && !allDone()) {
      Event event = events.remove();
      now = event.at();
      event.what().run();
    }
    return recordings;
  }

  boolean allDone() {
    return jobs.values().stream().allMatch(job -> job.state().isLast());
  }

  Map<String, Job> jobs() {
    return jobs;
  }

  /** Acknowledgements by lease and hash, which an agent may only get for what is recorded. */
  Map<String, Integer> acknowledged() {
    return acknowledged;
  }

  private boolean calm() {
    return now.isAfter(start.plus(CALM_AFTER));
  }

  private void later(double seconds, Runnable what) {
    events.add(new Event(now.plusMillis(Math.round(seconds * 1000)), order++, what));
  }

  private void jump() {
    clockError = calm() ? Duration.ZERO : Duration.ofSeconds(random.nextInt(-600, 601));
    later(random.nextDouble(20, 300), this::jump);
  }

  private void sweep() {
    for (Attempt attempt : List.copyOf(attempts.values())) {
      Job job = jobs.get(attempt.jobId());
      Optional<Transition> step = leases.expire(job, attempt);
      step.ifPresent(
          transition ->
              think(
                  () -> {
                    if (isStill(job, Optional.of(attempt))) {
                      expired++;
                      write(transition);
                    }
                  }));
    }
    later(random.nextDouble(1, 15), this::sweep);
  }

  /** Between reading and writing, other requests go on. */
  private void think(Runnable write) {
    later(random.nextInt(4) == 0 ? random.nextDouble(3) : 0, write);
  }

  private boolean isStill(Job job, Optional<Attempt> attempt) {
    return !comparesBeforeWriting
        || (jobs.get(job.id()).equals(job)
            && attempt.map(read -> attempts.get(read.leaseId()).equals(read)).orElse(true));
  }

  private void write(Transition transition) {
    jobs.put(transition.job().id(), transition.job());
    attempts.put(transition.attempt().leaseId(), transition.attempt());
  }

  /** Carries a message: perhaps not at all, perhaps twice, after any time. */
  private void send(Runnable arrival) {
    int copies = calm() ? 1 : random.nextInt(10) == 0 ? 0 : random.nextInt(6) == 0 ? 2 : 1;
    for (int i = 0; i < copies; i++) {
      double delay = random.nextDouble(0.2);
      if (!calm() && random.nextInt(8) == 0) {
        delay = random.nextDouble(200);
      }
      later(delay, arrival);
    }
  }

  private void claim(String agent) {
    send(
        () -> {
          Optional<Job> pending =
              jobs.values().stream().filter(job -> job.state() == JobState.PENDING).findFirst();
          pending.ifPresent(
              job -> {
                String leaseId = "l" + order + "-" + random.nextLong();
                Transition granted = leases.grant(job, leaseId, agent);
                think(
                    () -> {
                      if (isStill(job, Optional.empty())) {
                        write(granted);
                        send(() -> work(granted.attempt()));
                      }
                    });
              });
        });
    later(random.nextDouble(20, 60), () -> claim(agent));
  }

  private void work(Attempt attempt) {
    if (!calm() && random.nextInt(6) == 0) {
      return; // The agent dies.
    }
    double seconds =
        !calm() && random.nextInt(4) == 0 ? random.nextDouble(400) : random.nextDouble(60);
    for (double at = 10; at < seconds; at += 10) {
      if (calm() || random.nextInt(5) != 0) {
        later(at, () -> send(() -> renew(attempt.leaseId())));
      }
    }
    FailureKind failure = random.nextInt(5) == 0 ? FailureKind.UNSTABLE : FailureKind.STOPPED;
    boolean fails = random.nextInt(4) == 0;
    String hash = hash(random.nextLong());
    Result result =
        new Result(attempt.fencing(), hash, fails ? Optional.of(failure) : Optional.empty());
    later(seconds, () -> sendResult(attempt, result, calm() ? 1 : random.nextInt(1, 5)));
    if (random.nextInt(10) == 0) {
      Result other = new Result(attempt.fencing(), hash(random.nextLong()), Optional.empty());
      later(seconds + random.nextDouble(30), () -> sendResult(attempt, other, 1));
    }
  }

  private void sendResult(Attempt attempt, Result result, int times) {
    for (int i = 0; i < times; i++) {
      later(i * random.nextDouble(40), () -> send(() -> submit(attempt.leaseId(), result)));
    }
  }

  private void renew(String leaseId) {
    Attempt attempt = attempts.get(leaseId);
    Job job = jobs.get(attempt.jobId());
    if (leases.renew(job, attempt) instanceof Renewal.Renewed(Transition transition)) {
      think(
          () -> {
            if (isStill(job, Optional.of(attempt))) {
              write(transition);
            }
          });
    }
  }

  private void submit(String leaseId, Result result) {
    Attempt attempt = attempts.get(leaseId);
    Job job = jobs.get(attempt.jobId());
    switch (leases.submit(job, attempt, result)) {
      case Submission.Recorded(Transition transition) ->
          think(
              () -> {
                if (isStill(job, Optional.of(attempt))) {
                  write(transition);
                  recordings.add(
                      new Recording(
                          job.id(), attempt.number(), result.sha256(), result.failure().isEmpty()));
                  acknowledge(leaseId, result);
                } else {
                  later(0, () -> submit(leaseId, result));
                }
              });
      case Submission.Duplicate ignored -> {
        duplicates++;
        acknowledge(leaseId, result);
      }
      case Submission.Conflict ignored -> conflicts++;
      case Submission.Stale ignored -> staleRefused++;
    }
  }

  private void acknowledge(String leaseId, Result result) {
    acknowledged.merge(attempts.get(leaseId).jobId() + " " + result.sha256(), 1, Integer::sum);
  }

  private static String hash(long value) {
    return "%064x".formatted(value);
  }
}
