package dev.lathe.supernet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.data.Augmentation;
import dev.lathe.graph.Subnet;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.space.family.SpaceFiles;
import dev.lathe.supernet.program.Norms;
import dev.lathe.supernet.program.Precision;
import dev.lathe.supernet.tensor.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrecisionTest {
  private static final RandomStreams STREAMS = new RandomStreams(4);

  private static float[] logits(String name, Precision precision) {
    NetworkSpace space = SpaceFiles.builtin(name).space(10);
    Subnet subnet = space.subnet(space.smallest());
    try (WeightStore store = WeightStore.initialised(space.specs(), STREAMS.at("weights", 0));
        Network network = Network.of(subnet);
        PointerScope _ = new PointerScope()) {
      float[] pixels = new float[16 * 3 * 32 * 32];
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (float) Math.sin(i * 0.37 * (1 + i / 3072));
      }
      Tensor input =
          Torch.scopedFloats(pixels, 16, 3, 32, 32).contiguous(torch.MemoryFormat.ChannelsLast);
      Tensor output = network.run(List.of(input), store, new Norms.OfBatch(), precision).getFirst();
      assertThat(output.scalar_type().value).isEqualTo(torch.ScalarType.Float.value);
      return Torch.toFloats(output);
    }
  }

  /** Pooling of plain-28 pads 7 pixels to 8. */
  @ParameterizedTest
  @ValueSource(strings = {"residual-32", "plain-28"})
  void denseNetwork_inBfloat16_answersNearlyTheSame(String space) {
    float[] exact = logits(space, Precision.FLOAT32);
    float[] reduced = logits(space, Precision.BFLOAT16);

    assertThat(reduced).isNotEqualTo(exact);
    double range = 0;
    double error = 0;
    for (int i = 0; i < exact.length; i++) {
      range += exact[i] * exact[i];
      error += (exact[i] - reduced[i]) * (exact[i] - reduced[i]);
    }
    assertThat(Math.sqrt(error / range)).isCloseTo(0, within(0.05));
  }

  @Test
  void networkWithDepthwiseConvolutions_staysInFloat32() {
    assertThat(logits("mobile-32", Precision.BFLOAT16))
        .isEqualTo(logits("mobile-32", Precision.FLOAT32));
  }

  @Test
  void checkpoint_goesOnInThePrecisionWithWhichItBegan(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("checkpoint.safetensors");
    for (Precision precision : Precision.values()) {
      try (WeightStore store = store();
          Workers workers = new Workers(2);
          Trainer trainer = trainer(store, workers)) {
        trainer.compute(precision);
        trainer.advance();
        trainer.save(file);
      }
      assertThat(Safetensors.read(file).metadata()).containsEntry("precision", precision.name());
      try (WeightStore store = store();
          Workers workers = new Workers(2);
          Trainer trainer = trainer(store, workers)) {
        trainer.load(file);
        trainer.save(file);
      }
      assertThat(Safetensors.read(file).metadata()).containsEntry("precision", precision.name());
    }
  }

  private static WeightStore store() {
    return WeightStore.initialised(TinyTask.space().specs(), STREAMS.at("weights", 1));
  }

  private static Trainer trainer(WeightStore store, Workers workers) {
    return new Trainer(
        store,
        TinyTask.data().train(),
        TinyTask.data().normalization(),
        TrainingSettings.of(3, Augmentation.none()),
        Curriculum.only(TinyTask.space().subnet(TinyTask.space().smallest())),
        STREAMS,
        "precision",
        workers);
  }
}
