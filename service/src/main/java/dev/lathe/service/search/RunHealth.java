package dev.lathe.service.search;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/** Whether runs are carried out: by this service, or by another one on its database. */
@Readiness
@ApplicationScoped
class RunHealth implements HealthCheck {
  private final SearchWorker worker;
  private final RunOwnership ownership;

  RunHealth(SearchWorker worker, RunOwnership ownership) {
    this.worker = worker;
    this.ownership = ownership;
  }

  @Override
  public HealthCheckResponse call() {
    String who;
    try {
      who = ownership.isHeld() ? "this service" : "another service";
    } catch (IllegalStateException e) {
      who = "nobody: the database cannot be reached";
    }
    return HealthCheckResponse.named("runs")
        .status(worker.isAlive())
        .withData("carried out by", who)
        .build();
  }
}
