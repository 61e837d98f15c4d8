package dev.lathe.supernet.netadapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.space.mobile.MobileSpecReader;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Forward;
import dev.lathe.supernet.Safetensors;
import dev.lathe.supernet.TinyTask;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetAdaptTest {
  private static final Workers WORKERS = new Workers(2);
  private static final RandomStreams STREAMS = new RandomStreams(9);
  private static final DataSet DATA = TinyTask.data();
  private static final MobileSpace SPACE =
      new MobileSpace(
          MobileSpecReader.read(
              """
              name: shrinkable
              input: {channels: 1, resolution: [8]}
              stem: {width: 8, stride: 1}
              stages:
                - {width: [10, 12], depth: [1, 2], kernel: [3, 5], expansion: [2, 3]}
                - {width: [12, 16], depth: [1, 2], stride: 2, expansion: [2, 4], squeezeExcite: true}
              head: {width: 16}
              """),
          2);

  @TempDir Path folder;

  @AfterAll
  static void stop() {
    WORKERS.close();
  }

  private static double millis(Architecture architecture) {
    return 1e-4 * MacsSpread.macs(SPACE, architecture);
  }

  private static TrainingSettings training(long steps) {
    return TrainingSettings.of(steps, Augmentation.none()).withBatch(16).withPeakLearningRate(0.1);
  }

  private static WeightStore trained() {
    WeightStore store = WeightStore.initialised(SPACE.specs(), STREAMS.at("weights", 0));
    try (Trainer trainer =
        new Trainer(
            store,
            DATA.train(),
            DATA.normalization(),
            training(40),
            Curriculum.only(SPACE.subnet(SPACE.largest())),
            STREAMS,
            "first",
            WORKERS)) {
      while (!trainer.finished()) {
        trainer.advance();
      }
    }
    return store;
  }

  private List<NetAdapt.Step> shrink(WeightStore store, Path where, Progress progress)
      throws IOException {
    return new NetAdapt(SPACE, NetAdaptTest::millis, 0.1, 0.95, training(4))
        .run(
            SPACE.largest(),
            store,
            0.4 * millis(SPACE.largest()),
            DATA,
            STREAMS,
            WORKERS,
            where,
            progress);
  }

  @Test
  void sequence_savesWhatEachStepAsksForUntilTheTargetIsMet() throws IOException {
    try (WeightStore store = trained()) {
      List<NetAdapt.Step> sequence = shrink(store, folder, Progress.none());
      double whole = millis(SPACE.largest());
      assertThat(sequence.getFirst().millis()).isEqualTo(whole);
      assertThat(sequence.getLast().millis()).isLessThanOrEqualTo(0.4 * whole);
      for (int i = 1; i < sequence.size(); i++) {
        double saved = sequence.get(i - 1).millis() - sequence.get(i).millis();
        assertThat(saved).isGreaterThanOrEqualTo(0.1 * whole * Math.pow(0.95, i - 1) - 1e-9);
        assertThat(sequence.get(i).proposals()).isPositive();
        Architecture architecture = SPACE.parse(sequence.get(i).architecture());
        assertThat(millis(architecture)).isCloseTo(sequence.get(i).millis(), within(1e-9));
      }
      assertThat(sequence.get(1).proposals()).isGreaterThan(3);
      assertThat(sequence.getLast().accuracy()).isGreaterThan(0.8);
      assertThat(NetAdapt.weights(folder, sequence.size() - 1)).exists();
    }
  }

  @Test
  void shrinkingThatWasKilled_goesOnToTheSameSequence() throws IOException {
    try (WeightStore store = trained()) {
      List<NetAdapt.Step> unbroken = shrink(store, folder.resolve("a"), Progress.none());
      assertThat(unbroken).hasSizeGreaterThan(3);
      for (int kill = 1; kill < unbroken.size(); kill++) {
        String step = "step %d:".formatted(kill);
        assertThatThrownBy(
                () ->
                    shrink(
                        store,
                        folder.resolve("b"),
                        (fraction, message) -> {
                          if (message.startsWith(step)) {
                            throw new IllegalStateException("killed");
                          }
                        }))
            .hasMessage("killed");
      }
      assertThat(shrink(store, folder.resolve("b"), Progress.none())).isEqualTo(unbroken);
      int last = unbroken.size() - 1;
      Safetensors a = Safetensors.read(NetAdapt.weights(folder.resolve("a"), last));
      Safetensors b = Safetensors.read(NetAdapt.weights(folder.resolve("b"), last));
      a.tensors()
          .forEach(
              (name, tensor) ->
                  assertThat(b.tensors().get(name).values()).isEqualTo(tensor.values()));
    }
  }

  @Test
  void sortedChannels_computeTheSameAndHaveTheLargestFiltersInFront() {
    // hidden channels, outputs of stages, squeezed channels, stem and head
    assertThat(SPACE.channelGroups()).hasSize(4 + 2 + 2 + 2);
    try (WeightStore store = trained()) {
      for (Architecture architecture : List.of(SPACE.largest(), SPACE.smallest())) {
        float[] before = Forward.logits(store, SPACE.subnet(architecture), 5);
        ChannelOrder.sort(store, SPACE.subnet(architecture), SPACE.channelGroups());
        assertThat(Forward.logits(store, SPACE.subnet(architecture), 5))
            .containsExactly(before, within(1e-3f));
      }
      ChannelOrder.sort(store, SPACE.subnet(SPACE.largest()), SPACE.channelGroups());
      Safetensors.Values filters = store.tensors().get("stage2.block2.expand.weight");
      int inputs = filters.shape().get(1);
      double last = Double.POSITIVE_INFINITY;
      for (int c = 0; c < filters.shape().get(0); c++) {
        double squares = 0;
        for (int i = 0; i < inputs; i++) {
          squares += Math.pow(filters.values()[c * inputs + i], 2);
        }
        assertThat(squares).isLessThanOrEqualTo(last + 1e-6);
        last = squares;
      }
    }
  }

  @Test
  void proposals_areTheSlowestChoicesThatMeetTheBudget() {
    double whole = millis(SPACE.largest());
    List<Proposals.Proposal> proposals =
        new Proposals(SPACE, NetAdaptTest::millis).of(SPACE.largest(), 0.97 * whole);
    assertThat(proposals)
        .isNotEmpty()
        .allSatisfy(
            proposal -> {
              assertThat(proposal.millis()).isLessThanOrEqualTo(0.97 * whole);
              assertThat(proposal.millis()).isEqualTo(millis(proposal.architecture()));
            });
    assertThat(
            new Proposals(SPACE, NetAdaptTest::millis)
                .of(SPACE.smallest(), 0.99 * millis(SPACE.smallest())))
        .isEmpty();
  }
}
