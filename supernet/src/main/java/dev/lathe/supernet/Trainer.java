package dev.lathe.supernet;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.softmax;

import dev.lathe.data.LabelledImages;
import dev.lathe.data.Normalization;
import dev.lathe.graph.NetworkGraph;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.tensor.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains the weights of a store. The same code trains a supernet, a network alone and a network
 * that starts from inherited weights; the {@link Curriculum} is the difference. Each worker takes
 * its share of a batch and has gradients of its own, which are summed in a fixed order: the same
 * seed and the same number of workers give the same weights. Batch norms see a worker's share.
 */
public final class Trainer implements AutoCloseable {
  private static final String VELOCITY = "optimizer.velocity";
  private static final String STEP = "step";

  private final WeightStore store;
  private final List<WeightStore> replicas = new ArrayList<>();
  private final NesterovSgd optimizer;
  private final LabelledImages images;
  private final Normalization normalization;
  private final TrainingSettings settings;
  private final Curriculum curriculum;
  private final RandomStreams streams;
  private final String stream;
  private final EpochOrder order;
  private final Workers workers;
  private Optional<GatePrice> price = Optional.empty();
  private long step;

  /**
   * A trainer at step 0.
   *
   * @param stream name of its random numbers, so that several trainings of one seed differ
   */
  public Trainer(
      WeightStore store,
      LabelledImages images,
      Normalization normalization,
      TrainingSettings settings,
      Curriculum curriculum,
      RandomStreams streams,
      String stream,
      Workers workers) {
    this.store = store;
    this.images = images;
    this.normalization = normalization;
    this.settings = settings;
    this.curriculum = curriculum;
    this.streams = streams;
    this.stream = stream;
    this.order = new EpochOrder(images.size(), streams, stream + ".order");
    this.workers = workers;
    this.optimizer = new NesterovSgd(store);
    replicas.add(store);
    for (int i = 1; i < workers.count(); i++) {
      replicas.add(store.replica());
    }
  }

  /** Adds a term to the loss; the next call replaces it. */
  public void charge(GatePrice term) {
    price = Optional.of(term);
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
    List<NetworkGraph> lesson = curriculum.at(step);
    int[] batch = order.batch(step, settings.batch());
    List<Callable<Double>> shares = new ArrayList<>();
    int count = Math.min(workers.count(), batch.length);
    for (int w = 0; w < count; w++) {
      int from = w * batch.length / count;
      int to = (w + 1) * batch.length / count;
      int[] share = java.util.Arrays.copyOfRange(batch, from, to);
      RandomGenerator random = streams.at(stream + ".augment." + w, step);
      WeightStore replica = replicas.get(w);
      double weight = (double) share.length / batch.length;
      shares.add(() -> weight * accumulate(replica, lesson, share, random, weight));
    }
    double loss = workers.run(shares).stream().mapToDouble(Double::doubleValue).sum();
    if (!Double.isFinite(loss)) {
      throw new TrainingDiverged(
          "the loss is %s at step %d. Maybe lower the learning rate, %s."
              .formatted(loss, step, settings.peakLearningRate()));
    }
    price.ifPresent(this::accumulate);
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      Tensor total = store.flatGradients();
      for (WeightStore replica : replicas.subList(1, count)) {
        total.add_(replica.flatGradients());
        replica.flatGradients().zero_();
      }
      optimizer.step(settings, settings.learningRate(step), 1);
      total.zero_();
    }
    step++;
    return loss;
  }

  private double accumulate(
      WeightStore replica,
      List<NetworkGraph> lesson,
      int[] indices,
      RandomGenerator random,
      double weight) {
    float[] pixels = new float[Math.toIntExact((long) indices.length * images.shape().values())];
    settings.augmentation().batch(images, indices, normalization, random, pixels);
    long[] classes = new long[indices.length];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = images.label(indices[i]);
    }
    Interpreter interpreter = new Interpreter(replica, new Interpreter.Norms.OfBatch());
    try (PointerScope _ = new PointerScope()) {
      Tensor input = Inputs.of(pixels, indices.length, images.shape());
      Tensor labels = Torch.longs(classes);
      double loss = 0;
      Tensor answers = labels;
      for (int i = 0; i < lesson.size(); i++) {
        try (PointerScope _ = new PointerScope()) {
          Tensor logits = interpreter.run(lesson.get(i), input);
          Tensor lossHere =
              cross_entropy_loss(
                  logits,
                  answers,
                  new TensorOptional(),
                  torch.Reduction.Mean.value,
                  -100,
                  i == 0 ? settings.labelSmoothing() : 0);
          if (i == 0) {
            loss = lossHere.item_float();
            if (lesson.size() > 1) {
              answers = softmax(logits.detach(), 1).retainReference();
            }
          }
          lossHere.mul(new Scalar(weight)).backward();
        }
      }
      if (lesson.size() > 1) {
        answers.close();
      }
      labels.close();
      input.close();
      return loss;
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
    float[] velocity = optimizer.velocity();
    tensors.put(VELOCITY, new Safetensors.Values(List.of(velocity.length), velocity));
    Map<String, String> metadata = new LinkedHashMap<>(notes);
    price.ifPresent(term -> metadata.putAll(term.notes()));
    metadata.put(STEP, Long.toString(step));
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
    Safetensors.Values velocity = checkpoint.tensors().get(VELOCITY);
    String steps = checkpoint.metadata().get(STEP);
    if (velocity == null || steps == null || velocity.values().length != store.size()) {
      throw new IOException(
          "'%s' has weights but no optimizer state. Maybe it is an export, not a checkpoint."
              .formatted(file));
    }
    optimizer.velocity(velocity.values());
    step = Long.parseLong(steps);
    price.ifPresent(term -> term.recall(checkpoint.metadata()));
    return checkpoint.metadata();
  }

  @Override
  public void close() {
    optimizer.close();
    replicas.subList(1, replicas.size()).forEach(WeightStore::close);
  }
}
