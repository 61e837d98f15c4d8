package dev.lathe.supernet.singlepath;

import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.graph.NetworkGraph;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * Single-Path NAS (Stamoulis et al., arXiv 1904.02877): weights and architecture are trained
 * together, as one network whose kernels are gated. In the warm-up, run time costs nothing and
 * random gates are closed in each step; after it, the price of run time closes gates until the
 * network meets a latency target.
 *
 * @param kernels the network
 * @param runtimes of its blocks: where the gradient of the run time comes from
 * @param latencyMillis of any architecture of the space: which decides whether a target is met
 * @param training of weights and thresholds
 * @param warmup share of the steps, in [0, 1); the paper's is 0.62 of 8 epochs
 * @param drop probability that a gate is closed in a step of the warm-up
 */
public record SinglePathSearch(
    Superkernels kernels,
    RuntimeModel runtimes,
    ToDoubleFunction<Architecture> latencyMillis,
    TrainingSettings training,
    double warmup,
    double drop) {
  public SinglePathSearch {
    if (!(warmup >= 0 && warmup < 1) || !(drop >= 0 && drop < 1)) {
      throw new IllegalArgumentException(
          "warmup is %s and drop %s; both must lie in [0, 1).".formatted(warmup, drop));
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
   * @param seconds of training
   */
  public record Found(
      Architecture architecture,
      double millis,
      double learntMillis,
      double lambda,
      double seconds) {}

  /**
   * Searches. Killed and started again it ends with the same result, given the same number of
   * workers.
   *
   * @param store of {@link Superkernels#tensors}; holds the trained weights afterwards, so that the
   *     found network can be fine-tuned
   * @param checkpoint where the state is kept
   * @throws IllegalArgumentException if no network of the space is as fast as the target
   */
  public Found run(
      WeightStore store,
      double targetMillis,
      DataSet data,
      RandomStreams streams,
      Workers workers,
      Path checkpoint,
      Progress progress)
      throws IOException {
    ToDoubleFunction<Architecture> latency = remembered();
    Rounding rounding = new Rounding(kernels, latency, targetMillis);
    double[] closed = new double[kernels.positions().size()];
    java.util.Arrays.fill(closed, -1);
    rounding.of(closed); // fails now, not after the training, where no network is fast enough
    double seconds;
    double lambda;
    Priced priced = trainer(store, targetMillis, data, streams, workers);
    try (Trainer trainer = priced.trainer()) {
      seconds = TrainingRun.finish(trainer, checkpoint, progress);
      lambda = priced.price().lambda();
    }
    List<Gate.OfNorm> gates = kernels.gates();
    double[] margins = gates.stream().mapToDouble(store::margin).toArray();
    double[] open = java.util.Arrays.stream(margins).map(m -> m >= 0 ? 1 : 0).toArray();
    Architecture learnt = kernels.architecture(kernels.gates(open));
    Architecture found = rounding.of(margins);
    return new Found(
        found, latency.applyAsDouble(found), latency.applyAsDouble(learnt), lambda, seconds);
  }

  /** A trainer, and the price that it charges. */
  record Priced(Trainer trainer, RuntimePrice price) {}

  Priced trainer(
      WeightStore store,
      double targetMillis,
      DataSet data,
      RandomStreams streams,
      Workers workers) {
    long warmupSteps = Math.round(warmup * training.steps());
    RuntimePrice price =
        new RuntimePrice(
            kernels, runtimes, remembered(), targetMillis, warmupSteps, training.steps());
    Trainer trainer =
        new Trainer(
            store,
            data.train(),
            data.normalization(),
            training,
            curriculum(warmupSteps, streams),
            streams,
            "singlepath",
            workers);
    trainer.charge(price);
    return new Priced(trainer, price);
  }

  private ToDoubleFunction<Architecture> remembered() {
    Map<Architecture, Double> known = new HashMap<>();
    return architecture -> known.computeIfAbsent(architecture, latencyMillis::applyAsDouble);
  }

  private Curriculum curriculum(long warmupSteps, RandomStreams streams) {
    List<Gates> open = Collections.nCopies(kernels.blocks().size(), Gates.OPEN);
    List<NetworkGraph> whole = List.of(kernels.network(open));
    return step -> {
      if (step >= warmupSteps) {
        return whole;
      }
      RandomGenerator random = streams.at("singlepath.drop", step);
      List<Gates> kept = new ArrayList<>(open);
      for (Position position : kernels.positions()) {
        if (random.nextDouble() < drop) {
          kept.set(
              position.block(), Superkernel.with(kept.get(position.block()), position.kind(), 0));
        }
      }
      return List.of(kernels.network(kept));
    };
  }
}
