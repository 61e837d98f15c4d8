package dev.lathe.compress.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.calibration.ImageOptions.Layout;
import dev.lathe.data.ImageShape;
import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.data.Npy;
import dev.lathe.data.picture.Framing;
import dev.lathe.data.picture.Preprocessing;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationSourceTest {
  @TempDir Path folder;

  /** Adds a state that is the same for all items of a run to features of each item. */
  private static OnnxGraph model() {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    graph.addInput(
        new ValueInfo("x", ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of("F"))));
    graph.addInput(new ValueInfo("state", ElementType.FLOAT, List.of(Dimension.of(2))));
    graph.add(OnnxNode.of("ReduceSum", "", List.of("state"), List.of("s")));
    graph.add(OnnxNode.of("Add", "", List.of("x", "s"), List.of("y")));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    return graph;
  }

  private void arrays(int samples, int features) throws IOException {
    float[] x = new float[samples * features];
    float[] state = new float[samples * 2];
    for (int i = 0; i < x.length; i++) {
      x[i] = i;
    }
    for (int i = 0; i < state.length; i++) {
      state[i] = 1000 + i;
    }
    Npy.writeFloat32(folder.resolve("x.npy"), x, samples, features);
    Npy.writeFloat32(folder.resolve("state.npy"), state, samples, 2);
    Npy.writeInt64(
        folder.resolve("label.npy"),
        IntStream.range(0, samples).map(i -> i % features).toArray(),
        samples);
  }

  @Test
  void arrays_giveSizesAndKeepSamplesTogether() throws IOException {
    arrays(12, 3);
    OnnxGraph model = model();
    String spec = "npz:" + folder;
    assertThat(CalibrationSource.sizes(spec, model)).containsExactly(Map.entry("F", 3L));
    model.assume(Map.of("F", 3L));
    CalibrationSource source = CalibrationSource.open(spec, model, 1);
    assertThat(source.data().images() + source.heldOut().images()).isEqualTo(12);
    assertThat(source.data().itemsARun(model)).isEqualTo(1);
    Map<String, TensorValue> feed = source.data().feed(model, 0, 1);
    float first = feed.get("x").floats()[0];
    assertThat(feed.get("state").floats())
        .containsExactly(1000 + first / 3 * 2, 1001 + first / 3 * 2);
    assertThat(source.test().orElseThrow().labels().length).isPositive();
  }

  @Test
  void heldOutSamples_areNotThoseThatCalibrate() throws IOException {
    arrays(40, 2);
    OnnxGraph model = model();
    model.assume(Map.of("F", 2L));
    CalibrationSource source = CalibrationSource.open("npz:" + folder, model, 1);
    List<Float> seen =
        IntStream.range(0, source.data().images())
            .mapToObj(i -> source.data().feed(model, i, i + 1).get("x").floats()[0])
            .toList();
    for (int i = 0; i < source.heldOut().images(); i++) {
      assertThat(seen).doesNotContain(source.heldOut().feed(model, i, i + 1).get("x").floats()[0]);
    }
  }

  @Test
  void arrayThatDoesNotFit_isNamedWithBothShapes() throws IOException {
    arrays(6, 3);
    OnnxGraph model = model();
    model.assume(Map.of("F", 5L));
    assertThatThrownBy(() -> CalibrationSource.open("npz:" + folder, model, 1))
        .isInstanceOf(CompressionException.class)
        .hasMessageContaining("'x' of shape [6, 3]")
        .hasMessageContaining("float[1, 5]");
  }

  @Test
  void noise_saysThatItIsNoise() {
    OnnxGraph model = model();
    CalibrationSource source = CalibrationSource.open("noise:8", model, 1);
    assertThat(source.isNoise()).isTrue();
    assertThat(source.data().images()).isEqualTo(8);
    assertThat(source.data().feed(model, 0, 1).get("state").dims()).containsExactly(2);
  }

  private static OnnxGraph images(ElementType type, long... dims) {
    OnnxGraph graph = OnnxGraph.create("g", 17);
    graph.addInput(
        new ValueInfo(
            "image",
            type,
            Arrays.stream(dims).mapToObj(d -> (Dimension) Dimension.of(d)).toList()));
    graph.add(OnnxNode.of("Identity", "", List.of("image"), List.of("y")));
    graph.addOutput(ValueInfo.unranked("y", type));
    return graph;
  }

  /** One image of 2 × 2: red 10, 20, 30, 40, green a hundred more, blue 200. */
  private static LabelledImages one() {
    byte[] pixels = {10, 20, 30, 40, 110, 120, (byte) 130, (byte) 140, -56, -56, -56, -56};
    return LabelledImages.of(new ImageShape(3, 2, 2), pixels, new int[] {0});
  }

  private static float[] fed(OnnxGraph model, ImageOptions options) {
    Normalization ofData = new Normalization(new float[] {0, 0, 0}, new float[] {1, 1, 1});
    return ImageFeed.of(model, options)
        .withNumbers(model, options, ofData)
        .data(one())
        .feed(model, 0, 1)
        .get("image")
        .floats();
  }

  @Test
  void channelsLast_greyAndRawPixels_areFedAsTheModelTakesThem() {
    ImageOptions raw =
        new ImageOptions(
            Optional.empty(), Optional.empty(), OptionalDouble.of(1), Optional.empty());
    assertThat(fed(images(ElementType.FLOAT, 1, 2, 2, 3), raw)).startsWith(10, 110, 200, 20, 120);
    assertThat(fed(images(ElementType.FLOAT, 1, 3, 2, 2), raw)).startsWith(10, 20, 30, 40, 110);
    assertThat(fed(images(ElementType.UINT8, 1, 3, 2, 2), ImageOptions.NONE))
        .startsWith(10, 20, 30, 40, 110);
    assertThat(fed(images(ElementType.FLOAT, 1, 1, 2, 2), raw)[0])
        .isCloseTo(.299f * 10 + .587f * 110 + .114f * 200, within(1e-3f));
    ImageOptions centred =
        new ImageOptions(
            Optional.of(new float[] {0.5f}),
            Optional.of(new float[] {0.25f}),
            OptionalDouble.empty(),
            Optional.of(Layout.NCHW));
    assertThat(fed(images(ElementType.FLOAT, 1, 3, 2, 2), centred)[0])
        .isCloseTo((10 / 255f - 0.5f) / 0.25f, within(1e-5f));
  }

  @Test
  void metadata_areFollowedInFull() {
    OnnxGraph model = images(ElementType.FLOAT, 1, 2, 2, 3);
    model
        .metadata()
        .put(
            Preprocessing.KEY,
            new Preprocessing(
                    new Framing(2, 2, Framing.Fit.RESIZE, 1),
                    Preprocessing.Layout.NHWC,
                    Preprocessing.ChannelOrder.BGR,
                    0.5,
                    new float[] {1, 2, 3},
                    new float[] {2, 2, 4})
                .toJson());
    assertThat(fed(model, ImageOptions.NONE))
        .startsWith((200 * .5f - 1) / 2, (110 * .5f - 2) / 2, (10 * .5f - 3) / 4);
    assertThat(ImageFeed.of(model, ImageOptions.NONE).framing().fit())
        .isEqualTo(Framing.Fit.RESIZE);
  }

  private static org.assertj.core.data.Offset<Float> within(float distance) {
    return org.assertj.core.data.Offset.offset(distance);
  }
}
