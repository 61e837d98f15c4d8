package dev.lathe.supernet.onnx;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.softmax;

import dev.lathe.compress.IntegerKernels;
import dev.lathe.data.Progress;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.EpochOrder;
import dev.lathe.supernet.Inputs;
import dev.lathe.supernet.Safetensors;
import dev.lathe.supernet.TrainingDiverged;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import dev.lathe.supernet.program.Norms;
import dev.lathe.supernet.program.Program;
import dev.lathe.supernet.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Trains the weights of an ONNX graph, in the form in which the file stores them: integers stay on
 * their grid, sparsified weights stay zero, codebooks are shared by their codes, factors stay
 * factors. Batch norms keep their statistics. The same seed and number of workers give the same
 * weights.
 */
public final class FineTuner {
  private final FineTuning settings;
  private final FineTuning.Lessons lessons;
  private final Workers workers;

  /** A tuner of any number of models. */
  public FineTuner(FineTuning settings, FineTuning.Lessons lessons, Workers workers) {
    this.settings = settings;
    this.lessons = lessons;
    this.workers = workers;
  }

  /**
   * A trained copy of a model.
   *
   * @param student the model to train: one input [n, c, h, w], first output logits [n, classes]
   * @param teacher a model of the same input and output; not run where only labels weigh
   * @throws dev.lathe.onnx.OnnxException naming an operator that cannot be trained
   * @throws TrainingDiverged if the loss is not finite
   */
  public OnnxGraph tune(OnnxGraph student, OnnxGraph teacher, Progress progress) {
    OnnxGraph model = IntegerKernels.portable(student);
    Map<String, Parameter> parameters = Parameters.of(model);
    Map<String, Safetensors.Values> start = new LinkedHashMap<>();
    parameters.forEach((name, p) -> start.put(name, new Safetensors.Values(shape(p), p.start())));
    try (WeightStore store = WeightStore.of(start);
        Adam adam = new Adam(store);
        Program learner = Program.of(model, parameters.keySet());
        Program guide = Program.of(IntegerKernels.portable(teacher), java.util.Set.of())) {
      train(
          store,
          adam,
          new Learner(learner, parameters),
          guide,
          zeroMask(parameters, start),
          progress);
      store.tensors().forEach((name, values) -> parameters.get(name).write(model, values.values()));
    }
    model.removeUnused();
    return model;
  }

  private record Learner(Program program, Map<String, Parameter> parameters) {
    Tensor run(Tensor input, WeightStore weights) {
      return program
          .run(
              List.of(input),
              name -> parameters.get(name).seen(weights.leaf(name)),
              new Norms.Stored())
          .getFirst();
    }
  }

  private static List<Integer> shape(Parameter parameter) {
    return Arrays.stream(parameter.dims()).mapToObj(Math::toIntExact).toList();
  }

  /** 0 for weights that must stay zero, 1 for the others. */
  private static float[] zeroMask(
      Map<String, Parameter> parameters, Map<String, Safetensors.Values> start) {
    int size = start.values().stream().mapToInt(values -> values.values().length).sum();
    float[] mask = new float[size];
    int at = 0;
    for (Map.Entry<String, Safetensors.Values> entry : start.entrySet()) {
      boolean kept = parameters.get(entry.getKey()).keepsZeros();
      for (float value : entry.getValue().values()) {
        mask[at++] = kept && value == 0 ? 0 : 1;
      }
    }
    return mask;
  }

  private void train(
      WeightStore store,
      Adam adam,
      Learner learner,
      Program guide,
      float[] kept,
      Progress progress) {
    RandomStreams streams = new RandomStreams(settings.seed());
    EpochOrder order = new EpochOrder(lessons.images().size(), streams, "fine-tuning.order");
    List<WeightStore> replicas = new ArrayList<>(List.of(store));
    while (replicas.size() < workers.count()) {
      replicas.add(store.replica());
    }
    Tensor mask = Torch.floats(kept, kept.length);
    try {
      for (long step = 0; step < settings.steps(); step++) {
        int[] batch = order.batch(step, settings.batch());
        double loss = gradients(replicas, batch, step, streams, learner, guide);
        if (!Double.isFinite(loss)) {
          throw new TrainingDiverged(
              "the loss is %s at step %d. Maybe lower the learning rate, %s."
                  .formatted(loss, step, settings.learningRate()));
        }
        try (PointerScope _ = new PointerScope();
            NoGradGuard _ = new NoGradGuard()) {
          Tensor total = store.flatGradients();
          for (WeightStore replica : replicas.subList(1, replicas.size())) {
            total.add_(replica.flatGradients());
            replica.flatGradients().zero_();
          }
          adam.step(total.mul_(mask), settings.rate(step));
          total.zero_();
        }
        progress.at(
            (step + 1.0) / settings.steps(),
            "fine-tuning: step %d of %d, loss %.4f".formatted(step + 1, settings.steps(), loss));
      }
    } finally {
      mask.close();
      replicas.subList(1, replicas.size()).forEach(WeightStore::close);
    }
  }

  private double gradients(
      List<WeightStore> replicas,
      int[] batch,
      long step,
      RandomStreams streams,
      Learner learner,
      Program guide) {
    int count = Math.min(replicas.size(), batch.length);
    List<Callable<Double>> shares = new ArrayList<>();
    for (int w = 0; w < count; w++) {
      int[] share =
          Arrays.copyOfRange(batch, w * batch.length / count, (w + 1) * batch.length / count);
      WeightStore replica = replicas.get(w);
      RandomGenerator random = streams.at("fine-tuning.augment." + w, step);
      double weight = (double) share.length / batch.length;
      shares.add(() -> weight * accumulate(replica, share, random, weight, learner, guide));
    }
    return workers.run(shares).stream().mapToDouble(Double::doubleValue).sum();
  }

  private double accumulate(
      WeightStore replica,
      int[] indices,
      RandomGenerator random,
      double weight,
      Learner learner,
      Program guide) {
    float[] pixels =
        new float[Math.toIntExact((long) indices.length * lessons.images().shape().values())];
    lessons
        .augmentation()
        .batch(lessons.images(), indices, lessons.normalization(), random, pixels);
    try (PointerScope _ = new PointerScope()) {
      Tensor input = Inputs.of(pixels, indices.length, lessons.images().shape());
      Tensor logits = learner.run(input, replica);
      Tensor loss = loss(logits, input, indices, guide);
      double value = loss.item_float();
      loss.mul(new Scalar(weight)).backward();
      input.close();
      return value;
    }
  }

  private Tensor loss(Tensor logits, Tensor input, int[] indices, Program guide) {
    if (settings.labels() == 1) {
      return crossEntropy(logits, labels(indices));
    }
    double temperature = settings.temperature();
    Tensor answers;
    try (NoGradGuard _ = new NoGradGuard()) {
      Tensor teacher = guide.run(List.of(input), name -> input, new Norms.Stored()).getFirst();
      answers = softmax(teacher.div(new Scalar(temperature)), 1);
    }
    Tensor soft =
        crossEntropy(logits.div(new Scalar(temperature)), answers)
            .mul(new Scalar((1 - settings.labels()) * temperature * temperature));
    return settings.labels() == 0
        ? soft
        : soft.add(crossEntropy(logits, labels(indices)).mul(new Scalar(settings.labels())));
  }

  private Tensor labels(int[] indices) {
    return Torch.scopedLongs(
        Arrays.stream(indices).mapToLong(i -> lessons.images().label(i)).toArray());
  }

  private static Tensor crossEntropy(Tensor logits, Tensor answers) {
    return cross_entropy_loss(
        logits, answers, new TensorOptional(), torch.Reduction.Mean.value, -100, 0);
  }
}
