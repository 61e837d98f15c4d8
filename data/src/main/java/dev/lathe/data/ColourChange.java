package dev.lathe.data;

/**
 * Brightness, contrast and saturation of one image at a time; values stay those of a real image.
 */
final class ColourChange {
  private final float[] mean;
  private final float[] std;
  private final float[][] tables;

  ColourChange(Normalization normalization) {
    mean = normalization.mean();
    std = normalization.std();
    tables = new float[mean.length][256];
  }

  /**
   * Tables from pixel to normalised value for one image: contrast scaled about the image's mean,
   * brightness added, cut to what a pixel can hold. Valid until the next call.
   */
  float[][] tables(byte[] pixels, float brightness, float contrast) {
    long sum = 0;
    for (byte value : pixels) {
      sum += value & 0xff;
    }
    float middle = sum / (255f * pixels.length);
    float add = middle * (1 - contrast) + brightness;
    for (int v = 0; v < 256; v++) {
      float value = Math.clamp(v / 255f * contrast + add, 0f, 1f);
      for (int c = 0; c < mean.length; c++) {
        tables[c][v] = (value - mean[c]) / std[c];
      }
    }
    return tables;
  }

  /** Moves the three planes at {@code at} towards (below 1) or away from (above 1) their grey. */
  void saturate(float[] out, int at, int plane, float keep) {
    for (int k = at; k < at + plane; k++) {
      float red = out[k] * std[0] + mean[0];
      float green = out[k + plane] * std[1] + mean[1];
      float blue = out[k + 2 * plane] * std[2] + mean[2];
      float grey = (1 - keep) * (0.299f * red + 0.587f * green + 0.114f * blue);
      out[k] = (Math.clamp(red * keep + grey, 0f, 1f) - mean[0]) / std[0];
      out[k + plane] = (Math.clamp(green * keep + grey, 0f, 1f) - mean[1]) / std[1];
      out[k + 2 * plane] = (Math.clamp(blue * keep + grey, 0f, 1f) - mean[2]) / std[2];
    }
  }
}
