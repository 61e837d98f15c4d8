package dev.lathe.supernet.singlepath;

import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.graph.WeightRef.Gate;
import dev.lathe.latency.singlepath.Gates;
import dev.lathe.latency.singlepath.RuntimeModel;
import dev.lathe.space.Architecture;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingRun;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.singlepath.Superkernels.Position;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * Single-Path NAS (Stamoulis et al., arXiv 1904.02877): weights and architecture are trained
 * together, as one network whose kernels are gated. In the warm-up, gates are open but for those
 * closed by chance; after it, they learn, and the price of run time closes them until the network
 * meets a latency target.
 *
 * <p>Two more departures from the paper. Thresholds do not learn in the warm-up: blocks that are
 * not yet trained do harm, and would be closed for that. And accuracy moves a gate only in steps in
 * which it is closed, when the slope of the loss by it tells what opening it would gain; where it
 * is open, the weights behind it have brought that slope to 0 but for the noise of training, which
 * makes it positive: all gates would close of themselves. To tell, some gates are closed by chance
 * in each step; as many are opened by chance, so that weights behind closed ones go on learning.
 *
 * @param kernels the network
 * @param runtimes of its blocks: where the gradient of the run time comes from
 * @param latencyMillis of any architecture of the space: which decides whether a target is met
 * @param training of weights and thresholds
 * @param warmup share of the steps, in [0, 1); the paper's is 0.62 of 8 epochs
 * @param dropped probability that a gate is closed in a step of the warm-up, in [0, 1)
 * @param held probability that a gate is held open or closed in a later step, in [0, 1)
 */
public record SinglePathSearch(
    Superkernels kernels,
    RuntimeModel runtimes,
    ToDoubleFunction<Architecture> latencyMillis,
    TrainingSettings training,
    double warmup,
    double dropped,
    double held) {
  public SinglePathSearch {
    check("warmup", warmup);
    check("dropped", dropped);
    check("held", held);
  }

  private static void check(String name, double share) {
    if (!(share >= 0 && share < 1)) {
      throw new IllegalArgumentException("%s is %s, must lie in [0, 1).".formatted(name, share));
    }
  }

  /**
   * What was found.
   *
   * @param architecture meets the target
   * @param millis its latency
   * @param learntMillis latency of the network that the last gates left, before it was rounded to
   *     the target
   * @param lambda the last weight of the run time
   * @param margins of the gates by name: open from 0 on
   * @param seconds of training
   */
  public record Found(
      Architecture architecture,
      double millis,
      double learntMillis,
      double lambda,
      Map<String, Double> margins,
      double seconds) {}

  /**
   * Searches. Killed and started again it ends with the same result, given the same number of
   * workers.
   *
   * @param store of {@link Superkernels#specs}; holds the trained weights afterwards, so that the
   *     found network can be fine-tuned
   * @param warmedUp where the state after the warm-up is kept, which is the same for all targets
   * @param checkpoint where the state of the search for this target is kept
   * @throws IllegalArgumentException if no network of the space is as fast as the target
   */
  public Found run(
      WeightStore store,
      double targetMillis,
      DataSet data,
      RandomStreams streams,
      Workers workers,
      Path warmedUp,
      Path checkpoint,
      Progress progress)
      throws IOException {
    ToDoubleFunction<Architecture> latency = remembered();
    Rounding rounding = new Rounding(kernels, costs(), latency, targetMillis);
    double[] closed = new double[kernels.positions().size()];
    java.util.Arrays.fill(closed, -1);
    rounding.of(closed); // fails now, not after the training, where no network is fast enough
    RuntimePrice price = price(targetMillis);
    double seconds;
    if (!Files.exists(checkpoint)) {
      try (Trainer trainer = trainer(store, price, data, streams, workers)) {
        TrainingRun.advance(trainer, warmupSteps(), warmedUp, progress.between(0, warmup));
      }
      Path partial = checkpoint.resolveSibling(checkpoint.getFileName() + ".partial");
      Files.copy(warmedUp, partial, StandardCopyOption.REPLACE_EXISTING);
      Files.move(partial, checkpoint, StandardCopyOption.ATOMIC_MOVE);
    }
    try (Trainer trainer = trainer(store, price, data, streams, workers)) {
      seconds = TrainingRun.advance(trainer, trainer.steps(), checkpoint, progress);
    }
    List<Gate.OfNorm> gates = kernels.gates();
    double[] margins = gates.stream().mapToDouble(store::margin).toArray();
    double[] open = java.util.Arrays.stream(margins).map(m -> m >= 0 ? 1 : 0).toArray();
    Architecture learnt = kernels.architecture(kernels.gates(open));
    Architecture found = rounding.of(margins);
    return new Found(
        found,
        latency.applyAsDouble(found),
        latency.applyAsDouble(learnt),
        price.lambda(),
        named(margins),
        seconds);
  }

  /** What each gate costs when all are open. */
  private double[] costs() {
    List<Gates> slopes = runtimes.slopes(kernels.gates(new double[0]));
    return kernels.positions().stream()
        .mapToDouble(
            position ->
                Math.max(1e-9, Superkernel.value(slopes.get(position.block()), position.kind())))
        .toArray();
  }

  private Map<String, Double> named(double[] margins) {
    Map<String, Double> named = new LinkedHashMap<>();
    for (int i = 0; i < margins.length; i++) {
      Position position = kernels.positions().get(i);
      named.put(kernels.blocks().get(position.block()).threshold(position.kind()), margins[i]);
    }
    return named;
  }

  /** The training that {@link #run} does, at its first step; to be closed. */
  public Trainer trainer(
      WeightStore store,
      double targetMillis,
      DataSet data,
      RandomStreams streams,
      Workers workers) {
    return trainer(store, price(targetMillis), data, streams, workers);
  }

  private RuntimePrice price(double targetMillis) {
    return new RuntimePrice(
        kernels, runtimes, remembered(), targetMillis, warmupSteps(), training.steps());
  }

  /** The same search with another share of its steps as warm-up. */
  public SinglePathSearch withWarmup(double share) {
    return new SinglePathSearch(kernels, runtimes, latencyMillis, training, share, dropped, held);
  }

  /** The number of steps of the warm-up. */
  public long warmupSteps() {
    return Math.round(warmup * training.steps());
  }

  private Trainer trainer(
      WeightStore store, RuntimePrice price, DataSet data, RandomStreams streams, Workers workers) {
    Trainer trainer =
        new Trainer(
            store,
            data.train(),
            data.normalization(),
            training,
            curriculum(streams),
            streams,
            "singlepath",
            workers);
    trainer.charge(price);
    return trainer;
  }

  /**
   * How far the table's sums are from the latencies of whole networks: the mean of the relative
   * error over random networks.
   *
   * @param networks how many are drawn, at least 1
   */
  public double tableError(int networks, RandomGenerator random) {
    double sum = 0;
    for (int i = 0; i < networks; i++) {
      List<Gates> gates =
          kernels.gates(
              random.ints(kernels.positions().size(), 0, 2).mapToDouble(value -> value).toArray());
      double whole = latencyMillis.applyAsDouble(kernels.architecture(gates));
      sum += Math.abs(runtimes.millis(gates) / whole - 1);
    }
    return sum / networks;
  }

  private ToDoubleFunction<Architecture> remembered() {
    Map<Architecture, Double> known = new HashMap<>();
    return architecture -> known.computeIfAbsent(architecture, latencyMillis::applyAsDouble);
  }

  private Curriculum curriculum(RandomStreams streams) {
    return Curriculum.drawn(
        step -> {
          boolean warm = step < warmupSteps();
          RandomGenerator random = streams.at("singlepath.held", step);
          List<Gates> gates = new ArrayList<>();
          kernels.blocks().forEach(_ -> gates.add(warm ? Gates.OPEN : Superkernels.FREE));
          for (Position position : kernels.positions()) {
            if (random.nextDouble() < (warm ? dropped : held)) {
              double value = warm ? 0 : random.nextInt(2);
              Gates others = gates.get(position.block());
              gates.set(position.block(), Superkernel.with(others, position.kind(), value));
            }
          }
          return List.of(
              warm ? kernels.space().subnet(kernels.architecture(gates)) : kernels.network(gates));
        });
  }
}
