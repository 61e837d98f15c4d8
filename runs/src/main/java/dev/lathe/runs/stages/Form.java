package dev.lathe.runs.stages;

import dev.lathe.compress.CalibrationData;
import dev.lathe.compress.Calibrator;
import dev.lathe.compress.CompressionException;
import dev.lathe.compress.Int8Options;
import dev.lathe.compress.Int8Quantization;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.InvalidSearch;
import java.util.List;
import java.util.Set;

/**
 * How a network is written: {@code float32} as it was trained, {@code int8} for every processor, or
 * the name of a compression recipe.
 */
record Form(String name) {
  static final Form FLOAT32 = new Form("float32");
  static final Form INT8 = new Form("int8");

  /** What every search makes where nothing else is asked for. */
  static final List<Form> USUAL = List.of(FLOAT32, INT8);

  private static final Set<String> INTEGER = Set.of("int8", "int8-portable");

  private static final Int8Options QUICK =
      Int8Options.DEFAULT
          .withCalibrator(new Calibrator.MinMax())
          .withEqualize(false)
          .withCorrectBias(false);

  /**
   * The form of a name.
   *
   * @throws InvalidSearch if there is none
   */
  static Form of(String name) {
    if (CompressionRecipe.named(name).isEmpty()) {
      throw new InvalidSearch(
          "forms",
          "there is no form '%s'. Maybe one of %s."
              .formatted(name, CompressionRecipe.known().keySet()));
    }
    return new Form(name);
  }

  boolean isFloat32() {
    return name.equals("float32");
  }

  /**
   * Writes a network in this form.
   *
   * @param real as trained; not changed
   * @param images to calibrate with
   * @param quick whether only shape and kernels matter, not the values
   * @throws CompressionException if it cannot be written so
   */
  OnnxGraph write(OnnxGraph real, CalibrationData images, boolean quick) {
    if (isFloat32()) {
      return real;
    }
    if (INTEGER.contains(name)) {
      Int8Options options = quick ? QUICK : Int8Options.DEFAULT;
      return Int8Quantization.quantize(real, images, options.withImages(images.images())).model();
    }
    return Compressor.apply(CompressionRecipe.named(name).orElseThrow(), real, images).model();
  }

  @Override
  public String toString() {
    return name;
  }
}
