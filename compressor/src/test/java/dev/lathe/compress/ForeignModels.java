package dev.lathe.compress;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/** Models as another program exports them; bench/peers/foreign_models.py made them. */
public final class ForeignModels {
  /** Names of all of them. */
  public static final List<String> NAMES = List.of("resnet", "mobilenetv3", "vit", "bert", "unet");

  private ForeignModels() {}

  public static OnnxGraph read(String name) {
    try (InputStream in = ForeignModels.class.getResourceAsStream("/foreign/" + name + ".onnx")) {
      return OnnxGraph.parse(in.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Random inputs for a model. */
  public static Noise noise(OnnxGraph model, int items) {
    return Noise.of(model, items, 2);
  }

  /** The first output on three random inputs, computed without optimisations. */
  public static float[] output(OnnxGraph model) {
    String name = model.outputs().getFirst().name();
    try (OrtModel session = OrtModel.open(model.toBytes(), OrtModel.Options.LITERAL)) {
      TensorValue out = session.run(noise(model, 3).feed(model, 0, 3)).get(name);
      return out.floats();
    }
  }

  /** How well a model's output agrees with another's, in decibels. */
  public static double agreement(OnnxGraph wanted, OnnxGraph found) {
    return Decibels.between(output(wanted), output(found));
  }
}
