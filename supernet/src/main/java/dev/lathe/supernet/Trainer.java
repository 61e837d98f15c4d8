package dev.lathe.supernet;

import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.optimizer.Optimizer;
import dev.lathe.supernet.optimizer.Parameters;
import dev.lathe.supernet.program.Precision;
import dev.lathe.supernet.tensor.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains the weights of a store. The same code trains a supernet, a network alone, one that starts
 * from inherited weights, and one that a user brings; the {@link Curriculum} is the difference.
 * Each worker takes its share of a batch and has gradients of its own, which are summed in a fixed
 * order: the same seed and the same number of workers give the same weights. Batch norms see a
 * worker's share. Products are computed in bfloat16 where the processor is quicker at that and the
 * network bears it; a checkpoint goes on in the precision with which it began.
 */
public final class Trainer implements AutoCloseable {
  private static final String OPTIMIZER = "optimizer.";
  private static final String FLOAT32 = Precision.FLOAT32.name();
  private static final String STEP = "step";
  private static final String PRECISION = "precision";

  private final WeightStore store;
  private final List<WeightStore> replicas = new ArrayList<>();
  private final Optimizer optimizer;
  private final Examples examples;
  private final TrainingSettings settings;
  private final Curriculum curriculum;
  private final RandomStreams streams;
  private final String stream;
  private final EpochOrder order;
  private final Workers workers;
  private Optional<GatePrice> price = Optional.empty();
  private Optional<Tensor> movable = Optional.empty();
  private Precision precision = Precision.fastest();
  private long step;

  /**
   * A trainer at step 0. It closes the curriculum when it is closed.
   *
   * @param stream name of its random numbers, so that several trainings of one seed differ
   */
  public Trainer(
      WeightStore store,
      Examples examples,
      TrainingSettings settings,
      Curriculum curriculum,
      RandomStreams streams,
      String stream,
      Workers workers) {
    this.store = store;
    this.examples = examples;
    this.settings = settings;
    this.curriculum = curriculum;
    this.streams = streams;
    this.stream = stream;
    this.order = new EpochOrder(examples.size(), streams, stream + ".order");
    this.workers = workers;
    this.optimizer =
        Optimizer.of(
            settings.optimizer(),
            new Parameters(store.specs(), store.flatValues(), store.flatGradients()));
    replicas.add(store);
    for (int i = 1; i < workers.count(); i++) {
      replicas.add(store.replica());
    }
  }

  /** A trainer on labelled images, augmented as the settings say. */
  public Trainer(
      WeightStore store,
      LabelledImages images,
      Normalization normalization,
      TrainingSettings settings,
      Curriculum curriculum,
      RandomStreams streams,
      String stream,
      Workers workers) {
    this(
        store,
        new ImageExamples(images, normalization, settings.augmentation()),
        settings,
        curriculum,
        streams,
        stream,
        workers);
  }

  /** Computes in a precision other than the one that is quickest here. */
  public void compute(Precision other) {
    precision = other;
  }

  /** Adds a term to the loss; the next call replaces it. */
  public void charge(GatePrice term) {
    price = Optional.of(term);
  }

  /**
   * Holds weights where they are.
   *
   * @param mask 0 for weights that do not move, 1 for the others, [size of the store]
   */
  public void hold(float[] mask) {
    movable.ifPresent(Tensor::close);
    movable = Optional.of(Torch.floats(mask, store.size()));
  }

  /** The number of steps done. */
  public long step() {
    return step;
  }

  /** The number of steps to do in all. */
  public long steps() {
    return settings.steps();
  }

  /** Whether all steps are done. */
  public boolean finished() {
    return step >= settings.steps();
  }

  /**
   * Does one step.
   *
   * @return the mean loss of the step's first network
   * @throws TrainingDiverged if the loss or gradient is not finite
   */
  public double advance() {
    List<Pupil> pupils = curriculum.at(step);
    int[] batch = order.batch(step, settings.batch());
    List<Callable<Double>> shares = new ArrayList<>();
    int count = Math.min(workers.count(), batch.length);
    for (int w = 0; w < count; w++) {
      int[] share =
          Arrays.copyOfRange(batch, w * batch.length / count, (w + 1) * batch.length / count);
      RandomGenerator random = streams.at(stream + ".augment." + w, step);
      WeightStore replica = replicas.get(w);
      double weight = (double) share.length / batch.length;
      shares.add(() -> weight * accumulate(replica, pupils, share, random, weight));
    }
    double loss = workers.run(shares).stream().mapToDouble(Double::doubleValue).sum();
    if (!Double.isFinite(loss)) {
      throw diverged("loss", loss);
    }
    price.ifPresent(this::accumulate);
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor total = store.flatGradients();
      for (WeightStore replica : replicas.subList(1, count)) {
        total.add_(replica.flatGradients());
        replica.flatGradients().zero_();
      }
      movable.ifPresent(total::mul_);
      clip(total);
      optimizer.step(settings.learningRate(step));
      total.zero_();
    }
    step++;
    return loss;
  }

  private TrainingDiverged diverged(String what, double value) {
    return new TrainingDiverged(
        "the %s is %s at step %d. Maybe lower the learning rate, %s."
            .formatted(what, value, step, settings.peakLearningRate()));
  }

  private void clip(Tensor gradient) {
    double norm = gradient.norm().item_double();
    if (!Double.isFinite(norm)) {
      throw diverged("gradient", norm);
    }
    if (norm + 1e-6 > settings.clipNorm()) {
      gradient.mul_(new Scalar(settings.clipNorm() / (norm + 1e-6)));
    }
  }

  private double accumulate(
      WeightStore replica,
      List<Pupil> pupils,
      int[] indices,
      RandomGenerator random,
      double weight) {
    try (PointerScope _ = new PointerScope()) {
      Examples.Batch batch = examples.batch(indices, random);
      Answers answers = new Answers(batch, pupils, precision);
      double loss = 0;
      for (int i = 0; i < pupils.size(); i++) {
        Pupil pupil = pupils.get(i);
        List<Tensor> teacher = answers.of(pupil, replica);
        try (PointerScope _ = new PointerScope()) {
          List<Tensor> outputs =
              pupil.network().run(batch.inputs(), replica, pupil.network().training(), precision);
          Tensor here =
              pupil
                  .loss()
                  .of(
                      outputs,
                      new Loss.Evidence(batch.targets(), teacher, settings.labelSmoothing()));
          if (i == 0) {
            loss = here.item_float();
          }
          answers.keep(i, outputs);
          here.mul(new Scalar(weight)).backward();
        }
      }
      answers.close();
      return loss;
    }
  }

  /** What teachers answered to one batch: each is asked once. */
  private static final class Answers implements AutoCloseable {
    private final Examples.Batch batch;
    private final Precision precision;
    private final boolean[] wanted;
    private final List<List<Tensor>> earlier = new ArrayList<>();
    private final Map<Network, List<Tensor>> fixed = new IdentityHashMap<>();

    Answers(Examples.Batch batch, List<Pupil> pupils, Precision precision) {
      this.batch = batch;
      this.precision = precision;
      this.wanted = new boolean[pupils.size()];
      for (Pupil pupil : pupils) {
        if (pupil.teacher().orElse(null) instanceof Pupil.Teacher.Earlier(int index)) {
          wanted[index] = true;
        }
      }
    }

    /** The answers of a pupil's teacher; none if it has none. */
    List<Tensor> of(Pupil pupil, WeightStore store) {
      if (pupil.teacher().isEmpty()) {
        return List.of();
      }
      return switch (pupil.teacher().get()) {
        case Pupil.Teacher.Earlier(int index) -> earlier.get(index);
        case Pupil.Teacher.Fixed(Network network) -> {
          List<Tensor> known = fixed.get(network);
          if (known == null) {
            try (PointerScope _ = new PointerScope();
                NoGradGuard _ = new NoGradGuard()) {
              known = kept(network.run(batch.inputs(), store, network.training(), precision));
            }
            fixed.put(network, known);
          }
          yield known;
        }
      };
    }

    /** Remembers what the pupil of an index answered, if another learns from it. */
    void keep(int index, List<Tensor> outputs) {
      earlier.add(wanted[index] ? kept(outputs) : List.of());
    }

    private static List<Tensor> kept(List<Tensor> outputs) {
      List<Tensor> kept = new ArrayList<>();
      for (Tensor output : outputs) {
        kept.add(output.detach().retainReference());
      }
      return kept;
    }

    @Override
    public void close() {
      earlier.forEach(outputs -> outputs.forEach(Tensor::close));
      fixed.values().forEach(outputs -> outputs.forEach(Tensor::close));
    }
  }

  /** Adds the gradient of the price: of the gates, each times the price's derivative by it. */
  private void accumulate(GatePrice term) {
    try (PointerScope _ = new PointerScope()) {
      Weights weights = new Weights(store);
      List<Tensor> gates = new ArrayList<>(term.gates().stream().map(weights::gate).toList());
      double[] slopes = term.slopes(gates.stream().mapToDouble(Tensor::item_float).toArray(), step);
      for (int i = 0; i < slopes.length; i++) {
        gates.set(i, gates.get(i).mul(new Scalar(slopes[i])));
      }
      gates.stream().reduce(Tensor::add).ifPresent(Tensor::backward);
    }
  }

  /** Writes weights and optimizer state, whole or not at all. */
  public void save(Path file) throws IOException {
    save(file, Map.of());
  }

  /**
   * Writes weights and optimizer state, whole or not at all, with what else must be known to go on.
   *
   * @param notes free text by name, which {@link #load} gives back
   */
  public void save(Path file, Map<String, String> notes) throws IOException {
    Map<String, Safetensors.Values> tensors = new LinkedHashMap<>(store.tensors());
    optimizer
        .state()
        .forEach(
            (name, values) ->
                tensors.put(
                    OPTIMIZER + name, new Safetensors.Values(List.of(values.length), values)));
    Map<String, String> metadata = new LinkedHashMap<>(notes);
    price.ifPresent(term -> metadata.putAll(term.notes()));
    metadata.put(STEP, Long.toString(step));
    metadata.put(PRECISION, precision.name());
    new Safetensors(tensors, metadata).write(file);
  }

  /**
   * Goes on from a checkpoint, with the same losses as training that was never stopped.
   *
   * @return the notes with which it was saved
   * @throws IOException if the file cannot be read or does not fit
   */
  public Map<String, String> load(Path file) throws IOException {
    Safetensors checkpoint = Safetensors.read(file);
    store.load(checkpoint.tensors());
    Map<String, float[]> state = new LinkedHashMap<>();
    checkpoint
        .tensors()
        .forEach(
            (name, values) -> {
              if (name.startsWith(OPTIMIZER)) {
                state.put(name.substring(OPTIMIZER.length()), values.values());
              }
            });
    String steps = checkpoint.metadata().get(STEP);
    if (steps == null || state.isEmpty()) {
      throw new IOException(
          "'%s' has weights but no optimizer state. Maybe it is an export, not a checkpoint."
              .formatted(file));
    }
    try {
      optimizer.restore(state);
    } catch (IllegalArgumentException e) {
      throw new IOException("'%s' is of another training: %s".formatted(file, e.getMessage()), e);
    }
    step = Long.parseLong(steps);
    precision = Precision.valueOf(checkpoint.metadata().getOrDefault(PRECISION, FLOAT32));
    price.ifPresent(term -> term.recall(checkpoint.metadata()));
    return checkpoint.metadata();
  }

  @Override
  public void close() {
    optimizer.close();
    curriculum.close();
    movable.ifPresent(Tensor::close);
    replicas.subList(1, replicas.size()).forEach(WeightStore::close);
  }
}
