package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.data.LabelledImages;
import dev.lathe.graph.Subnet;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.supernet.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainerTest {
  private static final Workers WORKERS = new Workers(2);
  private static final RandomStreams STREAMS = new RandomStreams(3);

  @TempDir Path folder;

  private final MobileSpace space = Fixtures.space();
  private final LabelledImages images = Fixtures.images(200, STREAMS.at("images", 0));

  @AfterAll
  static void stop() {
    WORKERS.close();
  }

  private WeightStore weights() {
    return WeightStore.initialised(space.specs(), STREAMS.at("weights", 0));
  }

  private Trainer trainer(WeightStore store, long steps) {
    return new Trainer(
        store,
        images,
        Fixtures.NORMALIZATION,
        Fixtures.settings(steps),
        Curriculum.sandwich(space, STREAMS, 2),
        STREAMS,
        "train",
        WORKERS);
  }

  @Test
  void training_teachesAllSubnets() {
    try (WeightStore store = weights();
        Trainer trainer = trainer(store, 60)) {
      while (!trainer.finished()) {
        trainer.advance();
      }
      try (Evaluator evaluator = evaluator()) {
        List<Subnet> graphs =
            List.of(
                space.subnet(space.largest()),
                space.subnet(space.smallest()),
                space.subnet(space.sample(STREAMS.at("x", 0))));
        assertThat(evaluator.evaluate(store, graphs))
            .allSatisfy(e -> assertThat(e.accuracy().top1()).isGreaterThan(0.9));
      }
    }
  }

  @Test
  void taughtNetwork_followsItsTeacherMoreThanTheLabels() {
    Subnet network = space.subnet(space.smallest());
    OnnxGraph contrary;
    try (WeightStore store = weights();
        Evaluator evaluator = evaluator()) {
      train(store, turned(images), Curriculum.only(network));
      contrary = network.export(store::values, evaluator.statistics(store, network));
    }
    try (WeightStore store = weights();
        Evaluator evaluator = evaluator()) {
      train(store, images, Curriculum.taught(network, contrary));
      assertThat(evaluator.evaluate(store, List.of(network)).getFirst().accuracy().top1())
          .isLessThan(0.3);
    }
  }

  private static void train(WeightStore store, LabelledImages images, Curriculum curriculum) {
    try (Trainer trainer =
        new Trainer(
            store,
            images,
            Fixtures.NORMALIZATION,
            Fixtures.settings(60),
            curriculum,
            STREAMS,
            "train",
            WORKERS)) {
      while (!trainer.finished()) {
        trainer.advance();
      }
    }
  }

  /** The same images, each with the label of the other class. */
  private static LabelledImages turned(LabelledImages images) {
    int each = images.shape().values();
    byte[] pixels = new byte[images.size() * each];
    int[] labels = new int[images.size()];
    for (int i = 0; i < labels.length; i++) {
      images.read(i, pixels, i * each);
      labels[i] = 1 - images.label(i);
    }
    return LabelledImages.of(images.shape(), pixels, labels);
  }

  private Evaluator evaluator() {
    return new Evaluator(
        images,
        100,
        Fixtures.images(300, STREAMS.at("images", 1)),
        Fixtures.NORMALIZATION,
        2,
        STREAMS,
        WORKERS);
  }

  @Test
  void trainingThatWasStopped_goesOnWithTheLossesOfOneThatWasNot() throws IOException {
    List<Double> unbroken = new ArrayList<>();
    Map<String, Safetensors.Values> unbrokenWeights;
    try (WeightStore store = weights();
        Trainer trainer = trainer(store, 12)) {
      while (!trainer.finished()) {
        unbroken.add(trainer.advance());
      }
      unbrokenWeights = store.tensors();
    }
    Path checkpoint = folder.resolve("c.safetensors");
    List<Double> broken = new ArrayList<>();
    try (WeightStore store = weights();
        Trainer trainer = trainer(store, 12)) {
      while (trainer.step() < 5) {
        broken.add(trainer.advance());
      }
      trainer.save(checkpoint);
    }
    try (WeightStore store =
            WeightStore.initialised(space.specs(), STREAMS.at("other weights", 0));
        Trainer trainer = trainer(store, 12)) {
      trainer.load(checkpoint);
      while (!trainer.finished()) {
        broken.add(trainer.advance());
      }
      assertThat(broken).isEqualTo(unbroken);
      store
          .tensors()
          .forEach(
              (name, tensor) ->
                  assertThat(tensor.values()).isEqualTo(unbrokenWeights.get(name).values()));
    }
  }

  @Test
  void gradients_areZeroOutsideSlices() {
    Subnet smallest = space.subnet(space.smallest());
    try (WeightStore store = weights()) {
      Trainer trainer =
          new Trainer(
              store,
              images,
              Fixtures.NORMALIZATION,
              Fixtures.settings(1),
              Curriculum.only(smallest),
              STREAMS,
              "train",
              new Workers(1));
      float[] before = Torch.toFloats(store.flatValues());
      trainer.advance();
      float[] after = Torch.toFloats(store.flatValues());
      // a kernel of 3 leaves the rim of the stored 5×5 kernel alone but for weight decay
      int rim = Math.toIntExact(store.offset("stage1.block1.depthwise.weight"));
      int centre = rim + 12;
      assertThat((double) after[rim]).isCloseTo(before[rim], within(1e-3 * Math.abs(before[rim])));
      assertThat(after[centre]).isNotEqualTo(before[centre]);
      trainer.close();
    }
  }

  @Test
  void checkpointOfAnotherSpace_isRefusedByName() throws IOException {
    Path checkpoint = folder.resolve("c.safetensors");
    new Safetensors(
            Map.of("stem.weight", new Safetensors.Values(List.of(1), new float[1])), Map.of())
        .write(checkpoint);
    try (WeightStore store = weights();
        Trainer trainer = trainer(store, 2)) {
      assertThatThrownBy(() -> trainer.load(checkpoint)).hasMessageContaining("stem.weight");
    }
  }

  @Test
  void divergence_isToldWithTheLearningRate() {
    try (WeightStore store = weights();
        Trainer trainer =
            new Trainer(
                store,
                images,
                Fixtures.NORMALIZATION,
                Fixtures.settings(50).withPeakLearningRate(100),
                Curriculum.only(space.subnet(space.largest())),
                STREAMS,
                "train",
                WORKERS)) {
      store.flatValues().fill_(new org.bytedeco.pytorch.Scalar(Double.NaN));
      assertThatThrownBy(trainer::advance)
          .isInstanceOf(TrainingDiverged.class)
          .hasMessageContaining("100");
    }
  }

  @Test
  void truncatedCheckpoint_isNamedWithItsOffset() throws IOException {
    Path checkpoint = folder.resolve("c.safetensors");
    try (WeightStore store = weights();
        Trainer trainer = trainer(store, 2)) {
      trainer.save(checkpoint);
      byte[] all = Files.readAllBytes(checkpoint);
      for (int length : new int[] {0, 5, 100, all.length - 1}) {
        Files.write(checkpoint, java.util.Arrays.copyOf(all, length));
        assertThatThrownBy(() -> trainer.load(checkpoint))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("c.safetensors");
      }
    }
  }
}
