package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TransferPlanTest {
  @Test
  void enoughTime_hasEverything() {
    assertThat(TransferPlan.of(240, 6, true, 3)).isEqualTo(new TransferPlan(true, true, 3));
    assertThat(TransferPlan.of(240, 6, false, 3)).isEqualTo(new TransferPlan(false, true, 3));
  }

  @Test
  void foldsOfFewerCuts_comeBeforeMoreCuts() {
    assertThat(TransferPlan.of(120, 6, true, 5)).isEqualTo(new TransferPlan(true, true, 2));
  }

  @Test
  void aLargeBackbone_isTrainedOnce() {
    assertThat(TransferPlan.of(240, 60, true, 5)).isEqualTo(new TransferPlan(false, true, 3));
  }

  @Test
  void tooLargeABackbone_isCutOnce() {
    assertThat(TransferPlan.of(80, 60, true, 5)).isEqualTo(new TransferPlan(false, false, 1));
    assertThat(TransferPlan.of(-5, 60, true, 5)).isEqualTo(new TransferPlan(false, false, 1));
  }
}
