package dev.lathe.supernet.netadapt;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.data.DataSet;
import dev.lathe.data.Progress;
import dev.lathe.graph.Subnet;
import dev.lathe.space.Architecture;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.Safetensors;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.netadapt.Proposals.Proposal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * NetAdapt (Yang et al., arXiv 1804.03230): a trained network is made faster step by step. In each
 * step every gene proposes its slowest choice that saves the step's share of latency, channels with
 * the smallest norms are dropped, each proposal is trained for a short while, and the most accurate
 * one is kept. The result is a sequence of networks. Genes are what a layer has to propose: the
 * expansion or the kernel of a block, the width or the depth of a stage.
 *
 * @param latencyMillis of any architecture on the device, for example from a calibrated predictor
 * @param firstReduction by which the first step makes the network faster, as a share of its latency
 * @param decay factor by which the reduction shrinks with each step, in (0, 1]; the paper's is 0.96
 * @param shortTraining of each proposal
 */
public record NetAdapt(
    NetworkSpace space,
    ToDoubleFunction<Architecture> latencyMillis,
    double firstReduction,
    double decay,
    TrainingSettings shortTraining) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int STATISTICS_IMAGES = 256;
  private static final String SEQUENCE = "sequence.json";

  public NetAdapt {
    if (!(firstReduction > 0 && firstReduction < 1) || !(decay > 0 && decay <= 1)) {
      throw new IllegalArgumentException(
          "firstReduction is %s and decay %s; they must lie in (0, 1) and (0, 1]."
              .formatted(firstReduction, decay));
    }
  }

  /**
   * One network of the sequence.
   *
   * @param architecture its choices by gene name
   * @param changed the gene that made it of the one before; empty for the first network
   * @param millis its latency
   * @param accuracy top-1 on validation images after the short training
   * @param proposals how many were compared
   */
  public record Step(
      Map<String, String> architecture,
      String changed,
      double millis,
      double accuracy,
      int proposals) {}

  /**
   * Shrinks a network until a target is met, or no gene can save what a step asks for. Killed and
   * started again it ends with the same sequence, given the same number of workers.
   *
   * @param first the network
   * @param trained its weights, in a store of the space's tensors; not changed
   * @param folder where the sequence and its weights are kept: {@link #weights}
   * @return the sequence, the first network included
   */
  public List<Step> run(
      Architecture first,
      WeightStore trained,
      double targetMillis,
      DataSet data,
      RandomStreams streams,
      Workers workers,
      Path folder,
      Progress progress)
      throws IOException {
    Files.createDirectories(folder);
    try (WeightStore store = trained.copy();
        Evaluator evaluator = evaluator(data, streams, workers)) {
      List<Step> sequence = begin(folder, first, store, evaluator);
      double start = sequence.getFirst().millis();
      while (sequence.getLast().millis() > targetMillis) {
        int number = sequence.size();
        double reduction = firstReduction * start * Math.pow(decay, number - 1);
        Architecture last = space.parse(sequence.getLast().architecture());
        double budget = sequence.getLast().millis() - reduction;
        List<Proposal> proposals =
            new Proposals(space, latencyMillis).of(last, Math.max(budget, 0));
        if (proposals.isEmpty()) {
          break;
        }
        ChannelOrder.sort(store, space.subnet(last), space.channelGroups());
        Trial trial = new Trial(store, data, streams, workers, evaluator, number);
        for (Proposal proposal : proposals) {
          progress.at(
              (start - sequence.getLast().millis()) / (start - Math.min(targetMillis, start)),
              "step %d: %d proposals for %.4f ms, %s"
                  .formatted(number, proposals.size(), budget, proposal.gene()));
          trial.add(proposal);
        }
        sequence.add(trial.best(space, proposals.size()));
        store.load(trial.weights());
        keep(folder, sequence, store);
      }
      return sequence;
    }
  }

  /** The weights of a network of the sequence, after its short training. */
  public static Path weights(Path folder, int step) {
    return folder.resolve("step-%d.safetensors".formatted(step));
  }

  private List<Step> begin(Path folder, Architecture first, WeightStore store, Evaluator evaluator)
      throws IOException {
    Path file = folder.resolve(SEQUENCE);
    List<Step> sequence = new ArrayList<>();
    if (Files.exists(file)) {
      sequence.addAll(List.of(JSON.readValue(file.toFile(), Step[].class)));
      store.load(Safetensors.read(weights(folder, sequence.size() - 1)).tensors());
      return sequence;
    }
    double accuracy =
        evaluator.evaluate(store, List.of(space.subnet(first))).getFirst().accuracy().top1();
    sequence.add(
        new Step(space.describe(first), "", latencyMillis.applyAsDouble(first), accuracy, 0));
    keep(folder, sequence, store);
    return sequence;
  }

  private static void keep(Path folder, List<Step> sequence, WeightStore store) throws IOException {
    new Safetensors(store.tensors(), Map.of()).write(weights(folder, sequence.size() - 1));
    Path partial = folder.resolve(SEQUENCE + ".partial");
    Files.write(partial, JSON.writeValueAsBytes(sequence));
    Files.move(
        partial,
        folder.resolve(SEQUENCE),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static Evaluator evaluator(DataSet data, RandomStreams streams, Workers workers) {
    return new Evaluator(
        data.train(),
        STATISTICS_IMAGES,
        data.validation(),
        data.normalization(),
        data.classes().size(),
        streams,
        workers);
  }

  /** The proposals of one step, of which the best is remembered. */
  private final class Trial {
    private final WeightStore before;
    private final DataSet data;
    private final RandomStreams streams;
    private final Workers workers;
    private final Evaluator evaluator;
    private final int number;
    private final List<Proposal> best = new ArrayList<>();
    private double bestAccuracy = -1;
    private Map<String, Safetensors.Values> weights = Map.of();

    Trial(
        WeightStore before,
        DataSet data,
        RandomStreams streams,
        Workers workers,
        Evaluator evaluator,
        int number) {
      this.before = before;
      this.data = data;
      this.streams = streams;
      this.workers = workers;
      this.evaluator = evaluator;
      this.number = number;
    }

    /** All proposals of a step see the same images. */
    void add(Proposal proposal) {
      Subnet subnet = space.subnet(proposal.architecture());
      try (WeightStore store = before.copy();
          Trainer trainer =
              new Trainer(
                  store,
                  data.train(),
                  data.normalization(),
                  shortTraining,
                  Curriculum.only(subnet),
                  streams,
                  "netadapt." + number,
                  workers)) {
        while (!trainer.finished()) {
          trainer.advance();
        }
        double accuracy = evaluator.evaluate(store, List.of(subnet)).getFirst().accuracy().top1();
        if (accuracy > bestAccuracy) {
          bestAccuracy = accuracy;
          best.clear();
          best.add(proposal);
          weights = store.tensors();
        }
      }
    }

    Map<String, Safetensors.Values> weights() {
      return weights;
    }

    Step best(NetworkSpace space, int proposals) {
      Proposal chosen = best.getFirst();
      return new Step(
          space.describe(chosen.architecture()),
          chosen.gene(),
          chosen.millis(),
          bestAccuracy,
          proposals);
    }
  }
}
