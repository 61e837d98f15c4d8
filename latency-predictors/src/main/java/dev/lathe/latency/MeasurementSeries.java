package dev.lathe.latency;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The readings of a calibration: each network once, then some twice more. Which ones follows from
 * the readings alone, so that a calibration that goes on after a restart decides the same. A
 * network's latency is the median of its readings at one speed of the device ({@link DeviceSpeed}).
 */
public final class MeasurementSeries {
  /** Every so many networks are read again, whatever they say: these tell the repeatability. */
  private static final int REPEATED_EVERY = 10;

  /** At most so large a share of the networks is read again because they look disturbed. */
  private static final double MOST_DISTURBED = 0.1;

  /** A reading this far from what the other networks let expect looks disturbed. */
  private static final double LEAST_ERROR = 0.04;

  private static final double TEN_PERCENT = 0.1;

  private final List<FeatureVector> features = new ArrayList<>();
  private final List<Reading> readings = new ArrayList<>();
  private final List<Integer> networks = new ArrayList<>();

  /** A series without readings of networks with these features. */
  public MeasurementSeries(List<FeatureVector> features) {
    this.features.addAll(features);
  }

  /** Takes another network into the series; its number. */
  public int network(FeatureVector of) {
    features.add(of);
    return features.size() - 1;
  }

  /** Adds a reading, later than those before. */
  public void add(int network, Reading reading) {
    if (network < 0 || network >= features.size()) {
      throw new IllegalArgumentException(
          "there is no network %d among %d.".formatted(network, features.size()));
    }
    networks.add(network);
    readings.add(reading);
  }

  /** The networks to be read again, those first that every series repeats. */
  public List<Integer> again(long seed) {
    SortedMap<Integer, Double> latencies = latencies(speed());
    List<Integer> again =
        new ArrayList<>(latencies.keySet().stream().filter(n -> n % REPEATED_EVERY == 0).toList());
    if (latencies.size() >= GraphLatencyPredictor.LEAST_SAMPLES) {
      List<Integer> order = List.copyOf(latencies.keySet());
      double[] expected = GraphLatencyPredictor.heldOutMillis(samples(latencies), seed);
      record Suspect(int network, double error) {}
      IntStream.range(0, order.size())
          .mapToObj(
              i ->
                  new Suspect(
                      order.get(i), Math.abs(Math.log(latencies.get(order.get(i)) / expected[i]))))
          .filter(s -> s.error() > LEAST_ERROR && !again.contains(s.network()))
          .sorted(Comparator.comparingDouble(Suspect::error).reversed())
          .limit((long) (MOST_DISTURBED * order.size()))
          .forEach(s -> again.add(s.network()));
    }
    return List.copyOf(again);
  }

  /** Each network that was read, with its latency at the device's reference speed. */
  public List<Sample> samples() {
    return samples(latencies(speed()));
  }

  private List<Sample> samples(SortedMap<Integer, Double> latencies) {
    return latencies.entrySet().stream()
        .map(entry -> new Sample(features.get(entry.getKey()), entry.getValue()))
        .toList();
  }

  /** The device's speed over the series; needs at least one reading. */
  public DeviceSpeed speed() {
    return DeviceSpeed.of(readings, networks.stream().mapToInt(Integer::intValue).toArray());
  }

  private SortedMap<Integer, Double> latencies(DeviceSpeed speed) {
    SortedMap<Integer, Double> latencies = new TreeMap<>();
    byNetwork(speed)
        .forEach((network, millis) -> latencies.put(network, DeviceSpeed.median(millis)));
    return latencies;
  }

  private SortedMap<Integer, double[]> byNetwork(DeviceSpeed speed) {
    SortedMap<Integer, double[]> byNetwork = new TreeMap<>();
    for (int i = 0; i < readings.size(); i++) {
      double[] before = byNetwork.getOrDefault(networks.get(i), new double[0]);
      double[] after = Arrays.copyOf(before, before.length + 1);
      after[before.length] = speed.millis(i);
      byNetwork.put(networks.get(i), after);
    }
    return byNetwork;
  }

  /**
   * How well the device repeats itself, over the networks that every series repeats, at one speed.
   *
   * @param networks read more than once
   * @param medianDifference median of |first reading / median of the later ones - 1|
   * @param within10 share of networks whose first reading is within ±10 % of the later ones: what
   *     no predictor can surpass by much
   */
  public record Repeatability(int networks, double medianDifference, double within10) {}

  /** Empty if no network that every series repeats was read again. */
  public Optional<Repeatability> repeatability() {
    double[] differences =
        byNetwork(speed()).entrySet().stream()
            .filter(e -> e.getKey() % REPEATED_EVERY == 0 && e.getValue().length > 1)
            .mapToDouble(
                e -> {
                  double[] millis = e.getValue();
                  double later = DeviceSpeed.median(Arrays.copyOfRange(millis, 1, millis.length));
                  return Math.abs(millis[0] / later - 1);
                })
            .toArray();
    if (differences.length == 0) {
      return Optional.empty();
    }
    long within = Arrays.stream(differences).filter(d -> d <= TEN_PERCENT).count();
    return Optional.of(
        new Repeatability(
            differences.length,
            DeviceSpeed.median(differences),
            (double) within / differences.length));
  }
}
