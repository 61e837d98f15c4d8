package dev.lathe.data;

import java.awt.BasicStroke;
import java.awt.Shape;
import java.awt.geom.Arc2D;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.util.random.RandomGenerator;

/**
 * The ten classes of the built-in data set, each drawn as an outline of radius 1 around the origin.
 * None changes its class when it is rotated or mirrored.
 */
enum ShapeClass {
  TRIANGLE,
  RECTANGLE,
  PENTAGON,
  DISC,
  STAR,
  CROSS,
  ARC,
  SPIRAL,
  STRIPED,
  CHECKERED;

  /** The name that users see. */
  String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** The area to be filled; proportions vary at random within the class. */
  Shape outline(RandomGenerator random) {
    return switch (this) {
      case TRIANGLE -> polygon(3, 1);
      case RECTANGLE -> rectangle(random.nextDouble(0.55, 0.95));
      case PENTAGON -> polygon(5, 1);
      case DISC -> disc();
      case STAR -> polygon(5, random.nextDouble(0.36, 0.5));
      case CROSS -> cross(random.nextDouble(0.24, 0.36));
      case ARC -> arc(random);
      case SPIRAL -> spiral(random);
      case STRIPED -> textured(random, false);
      case CHECKERED -> textured(random, true);
    };
  }

  /** A regular polygon, or with {@code waist} below 1 a star of that inner radius. */
  private static Path2D polygon(int corners, double waist) {
    Path2D path = new Path2D.Double();
    int points = waist < 1 ? 2 * corners : corners;
    for (int k = 0; k < points; k++) {
      double radius = waist < 1 && k % 2 == 1 ? waist : 1;
      double angle = 2 * Math.PI * k / points;
      double x = radius * Math.cos(angle);
      double y = radius * Math.sin(angle);
      if (k == 0) {
        path.moveTo(x, y);
      } else {
        path.lineTo(x, y);
      }
    }
    path.closePath();
    return path;
  }

  /** A rectangle whose corners lie on the unit circle, of the given ratio of its sides. */
  private static Rectangle2D rectangle(double ratio) {
    double halfWidth = 1 / Math.hypot(1, ratio);
    double halfHeight = ratio * halfWidth;
    return new Rectangle2D.Double(-halfWidth, -halfHeight, 2 * halfWidth, 2 * halfHeight);
  }

  private static Ellipse2D disc() {
    return new Ellipse2D.Double(-1, -1, 2, 2);
  }

  private static Area cross(double halfWidth) {
    Area area = new Area(new Rectangle2D.Double(-1, -halfWidth, 2, 2 * halfWidth));
    area.add(new Area(new Rectangle2D.Double(-halfWidth, -1, 2 * halfWidth, 2)));
    return area;
  }

  private static Shape arc(RandomGenerator random) {
    double width = random.nextDouble(0.25, 0.4);
    double radius = 1 - width / 2;
    Arc2D arc =
        new Arc2D.Double(
            -radius, -radius, 2 * radius, 2 * radius, 0, random.nextDouble(150, 250), Arc2D.OPEN);
    return stroked(arc, width);
  }

  private static Shape spiral(RandomGenerator random) {
    double turns = random.nextDouble(1.7, 2.1);
    Path2D path = new Path2D.Double();
    int steps = 48;
    path.moveTo(0, 0);
    for (int k = 1; k <= steps; k++) {
      double t = (double) k / steps;
      double angle = 2 * Math.PI * turns * t;
      path.lineTo(0.9 * t * Math.cos(angle), 0.9 * t * Math.sin(angle));
    }
    return stroked(path, 0.2);
  }

  private static Shape stroked(Shape line, double width) {
    return new BasicStroke((float) width, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND)
        .createStrokedShape(line);
  }

  /** A disc, rectangle or pentagon cut into stripes, or into the squares of a board. */
  private static Area textured(RandomGenerator random, boolean checkered) {
    Area silhouette =
        new Area(
            switch (random.nextInt(3)) {
              case 0 -> disc();
              case 1 -> rectangle(random.nextDouble(0.75, 1));
              default -> polygon(5, 1);
            });
    double period = random.nextDouble(0.55, 0.75);
    double phase = random.nextDouble(0, period);
    double half = period / 2;
    Path2D pattern = new Path2D.Double();
    for (double x = -1 - phase; x < 1; x += period) {
      if (checkered) {
        for (double y = -1 - phase; y < 1; y += period) {
          pattern.append(new Rectangle2D.Double(x, y, half, half), false);
          pattern.append(new Rectangle2D.Double(x + half, y + half, half, half), false);
        }
      } else {
        pattern.append(new Rectangle2D.Double(x, -1, half, 2), false);
      }
    }
    silhouette.intersect(new Area(pattern));
    return silhouette;
  }
}
