package dev.lathe.data;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The built-in data set: images drawn with Java 2D, a bright shape of one of ten {@linkplain
 * ShapeClass classes} on a dark gradient, rotated, stretched, coloured, among clutter, under noise.
 * Image {@code index} of a part depends on the seed, the part and the index alone, so that the
 * pixels do not depend on how many images or threads there are.
 */
final class ShapeImages {
  static final int SIDE = 28;

  private final int side;
  private final long seed;
  private final ShapeDifficulty difficulty;

  ShapeImages(int side, long seed, ShapeDifficulty difficulty) {
    this.side = side;
    this.seed = seed;
    this.difficulty = difficulty;
  }

  static List<String> classes() {
    return Arrays.stream(ShapeClass.values()).map(ShapeClass::label).toList();
  }

  /** Draws the images 0 to {@code count − 1} of a part; classes follow one another in turn. */
  LabelledImages draw(int part, int count, Path folder, Progress progress) {
    ImageShape shape = new ImageShape(3, side, side);
    int classes = ShapeClass.values().length;
    PixelStore store =
        PixelStore.make(
            shape,
            count,
            folder,
            () -> {
              Canvas canvas = new Canvas();
              return (i, to, offset) -> {
                canvas.draw(ShapeClass.values()[i % classes], random(part, i));
                canvas.copyTo(to, offset);
              };
            },
            progress,
            "drawing images");
    return LabelledImages.of(store, IntStream.range(0, count).map(i -> i % classes).toArray());
  }

  private RandomGenerator random(int part, int index) {
    // Three rounds of splitting decorrelate neighbouring seeds, parts and indices.
    long mixed = new SplittableRandom(seed).nextLong() + part;
    mixed = new SplittableRandom(mixed).nextLong() + index;
    return new SplittableRandom(mixed);
  }

  /** One image being drawn; reused, for one thread. */
  private final class Canvas {
    private final BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    private final int[] rgb = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
    private final Graphics2D graphics = image.createGraphics();
    private double noise;
    private RandomGenerator random = new SplittableRandom(0);

    Canvas() {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    }

    void draw(ShapeClass shapeClass, RandomGenerator source) {
      random = source;
      noise = random.nextDouble() * difficulty.maxNoise();
      double background = gradient();
      int clutter = random.nextInt(difficulty.maxClutter() + 1);
      int above = clutter / 3;
      for (int i = above; i < clutter; i++) {
        clutter();
      }
      shape(shapeClass, background);
      for (int i = 0; i < above; i++) {
        clutter();
      }
    }

    /** Fills with a dark gradient; returns its largest brightness. */
    private double gradient() {
      float[] from = dark();
      float[] to = dark();
      double angle = random.nextDouble(2 * Math.PI);
      double dx = Math.cos(angle) / side;
      double dy = Math.sin(angle) / side;
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          double t = Math.clamp(0.5 + (x - side / 2.0) * dx + (y - side / 2.0) * dy, 0, 1);
          int packed = 0;
          for (int c = 0; c < 3; c++) {
            packed = packed << 8 | (int) (255 * (from[c] + (to[c] - from[c]) * t));
          }
          rgb[y * side + x] = packed;
        }
      }
      return Math.max(brightness(from), brightness(to));
    }

    private float[] dark() {
      return hsb(random.nextDouble(), random.nextDouble(0, 0.8), random.nextDouble(0.05, 0.4));
    }

    private void shape(ShapeClass shapeClass, double background) {
      double radius = random.nextDouble(difficulty.minRadius(), difficulty.maxRadius() + 1e-9);
      double room = 0.5 - radius;
      double x = 0.5 + random.nextDouble(-room, room + 1e-9);
      double y = 0.5 + random.nextDouble(-room, room + 1e-9);
      AffineTransform place = AffineTransform.getTranslateInstance(x * side, y * side);
      place.rotate(random.nextDouble(2 * Math.PI));
      double stretch = 1 + random.nextDouble() * difficulty.stretch();
      place.scale(radius * side, radius * side / stretch);
      place.rotate(random.nextDouble(2 * Math.PI));
      graphics.setColor(bright(background + difficulty.contrast()));
      graphics.fill(place.createTransformedShape(shapeClass.outline(random)));
    }

    /** A colour at least so bright, as far as there is one. */
    private Color bright(double least) {
      float[] colour =
          hsb(random.nextDouble(), random.nextDouble(0, 0.9), random.nextDouble(0.55, 1));
      double have = brightness(colour);
      double want = Math.min(1, Math.max(have, least));
      double white = have >= 1 ? 0 : (want - have) / (1 - have);
      for (int c = 0; c < 3; c++) {
        colour[c] += (float) ((1 - colour[c]) * white);
      }
      return new Color(colour[0], colour[1], colour[2]);
    }

    private void clutter() {
      float[] colour =
          hsb(random.nextDouble(), random.nextDouble(0, 0.9), random.nextDouble(0.3, 1));
      graphics.setColor(new Color(colour[0], colour[1], colour[2]));
      double size = difficulty.clutterSize() * side * random.nextDouble(0.3, 1);
      double x = random.nextDouble(side);
      double y = random.nextDouble(side);
      double angle = random.nextDouble(2 * Math.PI);
      if (random.nextBoolean()) {
        graphics.setStroke(new BasicStroke((float) (side * random.nextDouble(0.03, 0.07))));
        double dx = size / 2 * Math.cos(angle);
        double dy = size / 2 * Math.sin(angle);
        graphics.draw(new Line2D.Double(x - dx, y - dy, x + dx, y + dy));
      } else {
        double width = size / 2;
        double height = width * random.nextDouble(0.5, 1);
        graphics.fill(new Ellipse2D.Double(x - width / 2, y - height / 2, width, height));
      }
    }

    /** Adds noise and writes the image as [c, h, w]. */
    void copyTo(byte[] pixels, int offset) {
      int plane = side * side;
      for (int i = 0; i < plane; i++) {
        for (int c = 0; c < 3; c++) {
          double value = (rgb[i] >> (16 - 8 * c) & 0xff) + noise * random.nextGaussian();
          pixels[offset + c * plane + i] = (byte) Math.clamp(Math.round(value), 0, 255);
        }
      }
    }
  }

  private static float[] hsb(double hue, double saturation, double brightness) {
    return new Color(Color.HSBtoRGB((float) hue, (float) saturation, (float) brightness))
        .getRGBColorComponents(null);
  }

  private static double brightness(float[] rgb) {
    return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2];
  }
}
