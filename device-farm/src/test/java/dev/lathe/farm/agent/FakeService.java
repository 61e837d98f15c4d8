package dev.lathe.farm.agent;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.Sha256;
import dev.lathe.farm.lease.Attempt;
import dev.lathe.farm.lease.AttemptState;
import dev.lathe.farm.lease.Job;
import dev.lathe.farm.lease.JobState;
import dev.lathe.farm.lease.LeaseRules;
import dev.lathe.farm.lease.Leases;
import dev.lathe.farm.lease.Renewal;
import dev.lathe.farm.lease.Result;
import dev.lathe.farm.lease.Submission;
import dev.lathe.farm.lease.Transition;
import dev.lathe.farm.message.AgentRegistration;
import dev.lathe.farm.message.ClaimRequest;
import dev.lathe.farm.message.FarmJson;
import dev.lathe.farm.message.LeasedJob;
import dev.lathe.farm.message.RegisteredAgent;
import dev.lathe.farm.message.RenewedLease;
import dev.lathe.farm.message.ResultMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** The service's side of the farm protocol, in memory, on the real lease rules. */
final class FakeService implements AutoCloseable {
  static final String KEY = "key-of-the-agent";

  private final ObjectMapper mapper = FarmJson.mapper();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final LeaseRules rules;
  private final Leases leases;
  private final Map<String, Job> jobs = new LinkedHashMap<>();
  private final Map<String, byte[]> models = new HashMap<>();
  private final Map<String, Attempt> attempts = new HashMap<>();
  private final Map<String, List<Outcome>> recorded = new HashMap<>();
  private boolean knowsDevices = true;
  private boolean closing;

  /** Whether every request needs a connection of its own. */
  volatile boolean oneShot;

  final AtomicInteger registrations = new AtomicInteger();
  final AtomicInteger downloads = new AtomicInteger();
  final AtomicInteger renewals = new AtomicInteger();
  final AtomicInteger duplicates = new AtomicInteger();
  final AtomicInteger stale = new AtomicInteger();
  final AtomicInteger conflicts = new AtomicInteger();

  /** So many next requests are answered with 503. */
  final AtomicInteger failing = new AtomicInteger();

  /** So many next downloads are damaged. */
  final AtomicInteger damaging = new AtomicInteger();

  FakeService(Duration lease) throws IOException {
    rules = new LeaseRules(lease, lease.multipliedBy(100), 50);
    leases = new Leases(rules, InstantSource.system());
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI address() {
    return URI.create("http://localhost:" + port());
  }

  int port() {
    return server.getAddress().getPort();
  }

  synchronized void add(String jobId, byte[] model) {
    jobs.put(jobId, Job.pending(jobId));
    models.put(jobId, model);
    notifyAll();
  }

  synchronized void forgetDevices() {
    knowsDevices = false;
  }

  synchronized void cancel(String jobId) {
    for (Attempt attempt : List.copyOf(attempts.values())) {
      if (attempt.jobId().equals(jobId) && attempt.state() == AttemptState.RUNNING) {
        store(leases.cancel(jobs.get(jobId), attempt));
      }
    }
  }

  synchronized boolean hasRunning() {
    return attempts.values().stream().anyMatch(a -> a.state() == AttemptState.RUNNING);
  }

  synchronized List<Outcome> recorded(String jobId) {
    return List.copyOf(recorded.getOrDefault(jobId, List.of()));
  }

  synchronized JobState state(String jobId) {
    return jobs.get(jobId).state();
  }

  synchronized boolean awaitAll(Duration limit) throws InterruptedException {
    Instant end = Instant.now().plus(limit);
    while (jobs.values().stream().anyMatch(job -> !job.state().isLast())) {
      if (Instant.now().isAfter(end)) {
        return false;
      }
      wait(20);
    }
    return true;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (oneShot) {
        exchange.getResponseHeaders().set("Connection", "close");
      }
      if (failing.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
        problem(exchange, 503, "overloaded");
        return;
      }
      String[] path = exchange.getRequestURI().getPath().split("/", -1);
      String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
      if (path[3].equals("agents")) {
        if (!authorization.equals("Bearer " + KEY)) {
          problem(exchange, 401, "the key is not known. Maybe it was revoked.");
        } else if (path.length == 4) {
          AgentRegistration agent = mapper.readValue(body, AgentRegistration.class);
          registrations.incrementAndGet();
          synchronized (this) {
            knowsDevices = true;
          }
          answer(exchange, 200, new RegisteredAgent("d-" + agent.name(), agent.name()));
        } else {
          claim(exchange, path[4], mapper.readValue(body, ClaimRequest.class));
        }
      } else if (!authorization.equals("Bearer token-" + path[4])) {
        problem(exchange, 401, "this token is of another lease.");
      } else {
        switch (path[5]) {
          case "model" -> model(exchange, path[4]);
          case "renew" -> renew(exchange, path[4]);
          case "result" -> result(exchange, path[4], body);
          default -> problem(exchange, 404, "no such path");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void claim(HttpExchange exchange, String deviceId, ClaimRequest request)
      throws IOException, InterruptedException {
    Optional<LeasedJob> granted = Optional.empty();
    boolean known;
    synchronized (this) {
      known = knowsDevices;
      Instant end = Instant.now().plusSeconds(request.waitSeconds());
      while (known && granted.isEmpty() && !closing && Instant.now().isBefore(end)) {
        expireAll();
        granted = grant(deviceId);
        if (granted.isEmpty()) {
          wait(20);
        }
      }
    }
    if (!known) {
      problem(exchange, 404, "no such device");
    } else if (granted.isPresent()) {
      answer(exchange, 200, granted.get());
    } else {
      exchange.sendResponseHeaders(204, -1);
    }
  }

  private void expireAll() {
    for (Attempt attempt : List.copyOf(attempts.values())) {
      leases.expire(jobs.get(attempt.jobId()), attempt).ifPresent(this::store);
    }
  }

  private Optional<LeasedJob> grant(String deviceId) {
    for (Job job : jobs.values()) {
      if (job.state() == JobState.PENDING) {
        String leaseId = job.id() + "-" + (job.attempts() + 1);
        Transition granted = leases.grant(job, leaseId, deviceId);
        store(granted);
        byte[] model = models.get(job.id());
        return Optional.of(
            new LeasedJob(
                job.id(),
                granted.attempt().number(),
                leaseId,
                granted.attempt().fencing(),
                rules.lease().toMillis() / 1000.0,
                granted.attempt().deadline(),
                "token-" + leaseId,
                new LeasedJob.Model(
                    Sha256.of(model), model.length, "/api/v1/leases/" + leaseId + "/model"),
                MeasurementProtocol.quick(1)));
      }
    }
    return Optional.empty();
  }

  private void model(HttpExchange exchange, String leaseId) throws IOException {
    byte[] model;
    synchronized (this) {
      model = models.get(attempts.get(leaseId).jobId()).clone();
    }
    downloads.incrementAndGet();
    if (damaging.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
      model[0] ^= 1;
    }
    exchange.sendResponseHeaders(200, model.length);
    exchange.getResponseBody().write(model);
  }

  private void renew(HttpExchange exchange, String leaseId) throws IOException {
    Renewal renewal;
    synchronized (this) {
      Attempt attempt = attempts.get(leaseId);
      renewal = leases.renew(jobs.get(attempt.jobId()), attempt);
      if (renewal instanceof Renewal.Renewed(Transition transition)) {
        store(transition);
      }
    }
    renewals.incrementAndGet();
    switch (renewal) {
      case Renewal.Renewed(Transition transition) ->
          answer(exchange, 200, new RenewedLease(transition.attempt().deadline()));
      case Renewal.Gone(String reason) -> problem(exchange, 410, reason);
    }
  }

  private void result(HttpExchange exchange, String leaseId, byte[] body) throws IOException {
    String hash = exchange.getRequestHeaders().getFirst(ResultMessage.HASH_HEADER);
    if (!Sha256.of(body).equals(hash)) {
      problem(exchange, 400, "the body's SHA-256 is not what the header says");
      return;
    }
    ResultMessage message = mapper.readValue(body, ResultMessage.class);
    Submission submission;
    synchronized (this) {
      Attempt attempt = attempts.get(leaseId);
      Optional<dev.lathe.farm.FailureKind> failure =
          message.outcome() instanceof Outcome.Failed failed
              ? Optional.of(failed.kind())
              : Optional.empty();
      submission =
          leases.submit(
              jobs.get(attempt.jobId()), attempt, new Result(message.fencing(), hash, failure));
      if (submission instanceof Submission.Recorded(Transition transition)) {
        store(transition);
        recorded.computeIfAbsent(attempt.jobId(), id -> new ArrayList<>()).add(message.outcome());
      }
    }
    switch (submission) {
      case Submission.Recorded ignored -> answer(exchange, 200, Map.of());
      case Submission.Duplicate ignored -> {
        duplicates.incrementAndGet();
        answer(exchange, 200, Map.of());
      }
      case Submission.Conflict(String reason) -> {
        conflicts.incrementAndGet();
        problem(exchange, 409, reason);
      }
      case Submission.Stale(String reason) -> {
        stale.incrementAndGet();
        problem(exchange, 410, reason);
      }
    }
  }

  private synchronized void store(Transition transition) {
    jobs.put(transition.job().id(), transition.job());
    attempts.put(transition.attempt().leaseId(), transition.attempt());
    notifyAll();
  }

  private void answer(HttpExchange exchange, int status, Object value) throws IOException {
    byte[] bytes = mapper.writeValueAsBytes(value);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private void problem(HttpExchange exchange, int status, String detail) throws IOException {
    answer(exchange, status, Map.of("title", "problem", "status", status, "detail", detail));
  }

  @Override
  public void close() {
    synchronized (this) {
      closing = true;
      notifyAll();
    }
    server.stop(0);
    threads.shutdownNow();
  }
}
