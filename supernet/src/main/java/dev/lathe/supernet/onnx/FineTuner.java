package dev.lathe.supernet.onnx;

import dev.lathe.compress.IntegerKernels;
import dev.lathe.data.Progress;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Examples;
import dev.lathe.supernet.ImageExamples;
import dev.lathe.supernet.Loss;
import dev.lathe.supernet.Network;
import dev.lathe.supernet.Pupil;
import dev.lathe.supernet.Safetensors;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains the weights of an ONNX graph, in the form in which the file stores them: integers stay on
 * their grid, sparsified weights stay zero, codebooks are shared by their codes, factors stay
 * factors. Batch norms keep their statistics. The same seed and number of workers give the same
 * weights.
 */
public final class FineTuner {
  private final FineTuning settings;
  private final Examples examples;
  private final Workers workers;

  /** A tuner of any number of models that take images. */
  public FineTuner(FineTuning settings, FineTuning.Lessons lessons, Workers workers) {
    this(
        settings,
        new ImageExamples(lessons.images(), lessons.normalization(), lessons.augmentation()),
        workers);
  }

  /**
   * A tuner of any number of models.
   *
   * @param examples inputs as the models take them; targets are read only where labels weigh
   */
  public FineTuner(FineTuning settings, Examples examples, Workers workers) {
    this.settings = settings;
    this.examples = examples;
    this.workers = workers;
  }

  /**
   * A trained copy of a model.
   *
   * @param student the model to train; its first output logits [n, classes]
   * @param teacher a model of the same inputs and outputs; not run where only labels weigh
   * @throws dev.lathe.onnx.OnnxException naming an operator that cannot be trained
   * @throws dev.lathe.supernet.TrainingDiverged if the loss is not finite
   */
  public OnnxGraph tune(OnnxGraph student, OnnxGraph teacher, Progress progress) {
    return tune(student, teacher, loss(), progress);
  }

  private Loss loss() {
    if (settings.labels() == 1) {
      return new Loss.Labels();
    }
    return settings.labels() == 0
        ? new Loss.SoftAnswers(settings.temperature())
        : new Loss.Mixed(settings.labels(), settings.temperature());
  }

  /**
   * A trained copy of a model, by a loss of its own: {@link Loss.Agreement} for outputs that are no
   * logits.
   *
   * @param student the model to train
   * @param teacher a model of the same inputs and outputs; not run where only labels weigh
   */
  public OnnxGraph tune(OnnxGraph student, OnnxGraph teacher, Loss loss, Progress progress) {
    OnnxGraph model = IntegerKernels.portable(student);
    Map<String, Parameter> parameters = Parameters.of(model);
    Map<String, Safetensors.Values> start = new LinkedHashMap<>();
    Map<String, UnaryOperator<Tensor>> seen = new LinkedHashMap<>();
    parameters.forEach(
        (name, parameter) -> {
          start.put(name, new Safetensors.Values(shape(parameter), parameter.start()));
          seen.put(name, parameter::seen);
        });
    try (WeightStore store = WeightStore.of(start);
        Network guide = Network.fixed(IntegerKernels.portable(teacher));
        Trainer trainer =
            new Trainer(
                store,
                examples,
                settings.training(),
                Curriculum.only(
                    new Pupil(
                        Network.of(model, seen),
                        loss,
                        loss instanceof Loss.Labels
                            ? Optional.empty()
                            : Optional.of(new Pupil.Teacher.Fixed(guide)))),
                new RandomStreams(settings.seed()),
                "fine-tuning",
                workers)) {
      trainer.hold(zeroMask(parameters, start));
      while (!trainer.finished()) {
        double value = trainer.advance();
        progress.at(
            (double) trainer.step() / trainer.steps(),
            "fine-tuning: step %d of %d, loss %.4f"
                .formatted(trainer.step(), trainer.steps(), value));
      }
      store.tensors().forEach((name, values) -> parameters.get(name).write(model, values.values()));
    }
    model.removeUnused();
    return model;
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
}
