package dev.lathe.data.picture;

import java.util.ArrayList;
import java.util.List;

/** The segments of a JPEG file that stand before its image data. */
final class JpegSegments {
  private JpegSegments() {}

  /**
   * A segment's place in the file.
   *
   * @param marker its second marker byte
   * @param from where its data begin, after the length
   * @param to where they end, exclusive
   */
  record Segment(byte[] file, int marker, int from, int to) {
    boolean startsWith(byte[] text) {
      return from + text.length <= to
          && java.util.Arrays.equals(file, from, from + text.length, text, 0, text.length);
    }

    int at(int place) {
      return from + place < to ? file[from + place] & 0xff : 0;
    }
  }

  static List<Segment> of(byte[] jpeg) {
    List<Segment> segments = new ArrayList<>();
    int at = 2;
    while (at + 4 <= jpeg.length && (jpeg[at] & 0xff) == 0xff) {
      int marker = jpeg[at + 1] & 0xff;
      if (marker == 0xff) {
        at++;
        continue;
      }
      if (marker == 0xda) {
        break;
      }
      int length = (jpeg[at + 2] & 0xff) << 8 | jpeg[at + 3] & 0xff;
      segments.add(
          new Segment(
              jpeg, marker, at + 4, Math.min(jpeg.length, Math.max(at + 4, at + 2 + length))));
      at += 2 + Math.max(2, length);
    }
    return segments;
  }

  /** The number of colour components that the frame header names, or 0. */
  static int components(byte[] jpeg) {
    for (Segment segment : of(jpeg)) {
      int marker = segment.marker();
      if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc) {
        return segment.at(5);
      }
    }
    return 0;
  }

  /** The colour transform of Adobe's APP14 segment, or −1 without one. */
  static int adobeTransform(byte[] jpeg) {
    for (Segment segment : of(jpeg)) {
      if (segment.marker() == 0xee) {
        return segment.at(0) == 'A' && segment.to() - segment.from() > 11 ? segment.at(11) : -1;
      }
    }
    return -1;
  }
}
