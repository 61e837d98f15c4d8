package dev.lathe.farm.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.farm.FailureKind;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LeasesTest {
  private static final LeaseRules RULES =
      new LeaseRules(Duration.ofSeconds(30), Duration.ofSeconds(70), 2);
  private static final String HASH = "a".repeat(64);
  private static final String OTHER = "b".repeat(64);

  private Instant now = Instant.parse("2030-01-01T00:00:00Z");
  private final Leases leases = new Leases(RULES, () -> now);

  @Test
  void grant_ofAPendingJob_startsItsFirstAttempt() {
    Transition granted = leases.grant(Job.pending("j"), "l", "d");
    assertThat(granted.job()).isEqualTo(new Job("j", JobState.LEASED, 1));
    assertThat(granted.attempt().fencing()).isEqualTo(1);
    assertThat(granted.attempt().deadline()).isEqualTo(now.plusSeconds(30));
  }

  @Test
  void grant_ofALeasedJob_fails() {
    Job leased = leases.grant(Job.pending("j"), "l", "d").job();
    assertThatThrownBy(() -> leases.grant(leased, "m", "d"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("job 'j' is LEASED");
  }

  @Test
  void renewal_extendsUpToTheHardDeadlineOnly() {
    Transition at = leases.grant(Job.pending("j"), "l", "d");
    Instant hard = at.attempt().hardDeadline();
    for (int i = 0; i < 6; i++) {
      now = now.plusSeconds(10);
      at = ((Renewal.Renewed) leases.renew(at.job(), at.attempt())).transition();
      assertThat(at.attempt().deadline())
          .isEqualTo(now.plusSeconds(30).isAfter(hard) ? hard : now.plusSeconds(30));
    }
    now = now.plusSeconds(10);
    assertThat(leases.renew(at.job(), at.attempt())).isInstanceOf(Renewal.Gone.class);
  }

  @Test
  void renewal_afterTheClockJumpedBack_neverShortens() {
    Transition at = leases.grant(Job.pending("j"), "l", "d");
    Instant before = at.attempt().deadline();
    now = now.minus(Duration.ofMinutes(10));
    Renewal renewal = leases.renew(at.job(), at.attempt());
    assertThat(((Renewal.Renewed) renewal).transition().attempt().deadline()).isEqualTo(before);
  }

  @Test
  void result_isRecordedOnceAndAnsweredAlikeAfterwards() {
    Transition at = leases.grant(Job.pending("j"), "l", "d");
    Result result = new Result(1, HASH, Optional.empty());
    Transition done =
        ((Submission.Recorded) leases.submit(at.job(), at.attempt(), result)).transition();
    assertThat(done.job().state()).isEqualTo(JobState.DONE);
    now = now.plus(Duration.ofDays(1));
    assertThat(leases.submit(done.job(), done.attempt(), result))
        .isInstanceOf(Submission.Duplicate.class);
    assertThat(leases.submit(done.job(), done.attempt(), new Result(1, OTHER, Optional.empty())))
        .isInstanceOf(Submission.Conflict.class);
  }

  @Test
  void result_afterTheDeadline_isStaleThoughNobodyElseTookTheJob() {
    Transition at = leases.grant(Job.pending("j"), "l", "d");
    now = now.plusSeconds(30);
    assertThat(leases.submit(at.job(), at.attempt(), new Result(1, HASH, Optional.empty())))
        .isInstanceOf(Submission.Stale.class);
  }

  @Test
  void result_withAnotherFencingNumber_isStale() {
    Transition at = leases.grant(Job.pending("j"), "l", "d");
    assertThat(leases.submit(at.job(), at.attempt(), new Result(2, HASH, Optional.empty())))
        .isInstanceOf(Submission.Stale.class);
  }

  @Test
  void result_ofAnEarlierAttempt_isStaleOnceAnotherWasGranted() {
    Transition first = leases.grant(Job.pending("j"), "l", "d");
    now = now.plusSeconds(31);
    Transition expired = leases.expire(first.job(), first.attempt()).orElseThrow();
    Transition second = leases.grant(expired.job(), "m", "d");
    now = now.minusSeconds(31);
    Result late = new Result(1, HASH, Optional.empty());
    assertThat(leases.submit(second.job(), expired.attempt(), late))
        .isInstanceOf(Submission.Stale.class);
    assertThat(leases.submit(second.job(), first.attempt(), late))
        .as("even a writer that read the attempt before it expired")
        .isInstanceOf(Submission.Stale.class);
  }

  @Test
  void expiry_waitsForTheDeadlineAndEndsTheJobWithItsLastAttempt() {
    Transition at = leases.grant(Job.pending("j"), "l", "d");
    assertThat(leases.expire(at.job(), at.attempt())).isEmpty();
    now = now.plusSeconds(30);
    Transition expired = leases.expire(at.job(), at.attempt()).orElseThrow();
    assertThat(expired.job().state()).isEqualTo(JobState.PENDING);
    Transition second = leases.grant(expired.job(), "m", "d");
    now = now.plusSeconds(30);
    assertThat(leases.expire(second.job(), second.attempt()).orElseThrow().job().state())
        .isEqualTo(JobState.FAILED);
  }

  @Test
  void failure_isRetriedOnlyIfAnotherAttemptMayEndBetter() {
    for (FailureKind kind : FailureKind.values()) {
      Transition at = leases.grant(Job.pending("j"), "l", "d");
      Submission submission =
          leases.submit(at.job(), at.attempt(), new Result(1, HASH, Optional.of(kind)));
      assertThat(((Submission.Recorded) submission).transition().job().state())
          .as(kind.name())
          .isEqualTo(kind.retried() ? JobState.PENDING : JobState.FAILED);
    }
  }

  @Test
  void cancelledJob_takesNoResult() {
    Transition at = leases.grant(Job.pending("j"), "l", "d");
    Transition cancelled = leases.cancel(at.job(), at.attempt());
    assertThat(cancelled.job().state()).isEqualTo(JobState.CANCELLED);
    assertThat(
            leases.submit(
                cancelled.job(), cancelled.attempt(), new Result(1, HASH, Optional.empty())))
        .isInstanceOf(Submission.Stale.class);
    assertThat(leases.renew(cancelled.job(), cancelled.attempt())).isInstanceOf(Renewal.Gone.class);
  }

  @Test
  void cancel_leavesFinishedJobsAlone() {
    Job done = new Job("j", JobState.DONE, 1);
    assertThat(leases.cancel(done)).isEqualTo(done);
    assertThat(leases.cancel(Job.pending("k")).state()).isEqualTo(JobState.CANCELLED);
  }
}
