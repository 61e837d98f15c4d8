package dev.lathe.supernet.ranking;

import java.util.List;
import java.util.Map;

/**
 * One network, judged in both ways. Accuracies are shares of images, top-1.
 *
 * @param architecture its choices by gene name
 * @param macs multiply-adds for one image
 * @param inherited accuracy with a supernet's weights on validation images, batch norms
 *     re-estimated, the figure that a search sees; the mean where there are several supernets
 * @param inheritedOnTest the same on test images
 * @param standalone accuracy on test images after training alone from fresh weights, one a seed
 */
public record RankedNetwork(
    Map<String, String> architecture,
    long macs,
    double inherited,
    double inheritedOnTest,
    List<Double> standalone) {
  public RankedNetwork {
    architecture =
        java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(architecture));
    standalone = List.copyOf(standalone);
  }

  /** The mean over the seeds. */
  double standaloneMean() {
    return standalone.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }
}
