package dev.lathe.data;

import dev.lathe.data.picture.PictureKind;
import java.util.List;
import java.util.Map;

/**
 * What the picture files of a data set were.
 *
 * @param kinds number of files of each kind, by their first bytes
 * @param misnamed files whose name says another kind than their first bytes, and what they are
 * @param oriented number of files that were turned upright by their orientation tag
 * @param smallest shorter side of the smallest picture, in pixels
 * @param median of the shorter sides, in pixels
 * @param largest longer side of the largest picture, in pixels
 */
public record PictureFacts(
    Map<PictureKind, Integer> kinds,
    List<String> misnamed,
    int oriented,
    int smallest,
    int median,
    int largest) {
  public PictureFacts {
    kinds = Map.copyOf(kinds);
    misnamed = List.copyOf(misnamed);
  }
}
