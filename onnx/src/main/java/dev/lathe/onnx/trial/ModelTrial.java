package dev.lathe.onnx.trial;

import dev.lathe.onnx.InputShapes;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.ShapeInference;
import dev.lathe.onnx.TemporaryModel;
import dev.lathe.onnx.TensorType;
import dev.lathe.onnx.ValueInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * Tries out models before this process loads them itself. A model passes when its shapes fit
 * together and within memory, and when a child process has run it once on zeros, with and without
 * ONNX Runtime's optimisations, within the limits of memory and time. Not safe for use by several
 * threads; must be closed.
 */
public final class ModelTrial implements AutoCloseable {
  /**
   * What a model may use.
   *
   * @param memoryBytes all tensors together by shape, and the data segment of the child process
   * @param time to load it and run it twice
   */
  public record Limits(long memoryBytes, Duration time) {
    /** 4 GiB, 2 minutes. */
    public static final Limits DEFAULT = new Limits(4L << 30, Duration.ofMinutes(2));

    public Limits {
      if (memoryBytes < 1L << 29 || time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException(
            "a trial needs at least 512 MiB and a positive time, not %d bytes and %s."
                .formatted(memoryBytes, time));
      }
    }
  }

  private final Limits limits;
  private Optional<TrialProcess> process = Optional.empty();

  private ModelTrial(Limits limits) {
    this.limits = limits;
  }

  /** A trial whose process starts when it is first needed. */
  public static ModelTrial within(Limits limits) {
    return new ModelTrial(limits);
  }

  /**
   * Tries a model at batch 1.
   *
   * @param sizes of the symbolic dimensions of its inputs other than the first, by name; 1 for
   *     those that it lacks
   * @throws OnnxException if it does not pass, saying why
   */
  public void check(OnnxGraph model, Map<String, Long> sizes) {
    checkMemory(ShapeInference.infer(model, model.symbols(1, sizes)));
    run(model, sizes);
  }

  /**
   * Tries a model at batch 1 whose shapes no rule tells, so that its memory cannot be foreseen: the
   * child's limits alone hold.
   *
   * @throws OnnxException if it does not pass, saying why
   */
  public void run(OnnxGraph model) {
    run(model, Map.of());
  }

  private void run(OnnxGraph model, Map<String, Long> sizes) {
    Map<String, Long> said = new HashMap<>(model.assumed());
    said.putAll(sizes);
    said.keySet().retainAll(InputShapes.names(model));
    Map<String, TensorType> types = InputShapes.of(model, said).types(model, 1);
    StringJoiner inputs = new StringJoiner(";");
    for (ValueInfo input : model.inputs()) {
      inputs.add(TrialInput.describe(types.get(input.name())));
    }
    try (TemporaryModel files = TemporaryModel.of(model)) {
      run(inputs + " " + files.file());
    } catch (IOException e) {
      throw new OnnxException(
          "the model cannot be tried out: %s. Maybe the temporary folder is full.".formatted(e), e);
    }
  }

  private void checkMemory(Map<String, TensorType> types) {
    long total = 0;
    for (Map.Entry<String, TensorType> value : types.entrySet()) {
      long bytes = value.getValue().bytes();
      if (bytes > limits.memoryBytes() / 2 || (total += bytes) > 8 * limits.memoryBytes()) {
        throw new OnnxException(
            "value '%s' of shape %s brings the model beyond the %d MiB that it may use. Maybe a shape is wrong."
                .formatted(value.getKey(), value.getValue(), limits.memoryBytes() >> 20));
      }
    }
  }

  private void run(String request) throws IOException {
    if (process.isEmpty()) {
      process = Optional.of(TrialProcess.start(limits.memoryBytes()));
    }
    Optional<String> problem;
    try {
      problem = process.get().ask(request, limits.time());
    } catch (TrialProcess.Ended e) {
      close();
      throw new OnnxException("ONNX Runtime cannot run the model: " + e.getMessage(), e);
    }
    if (problem.isPresent()) {
      throw new OnnxException(problem.get());
    }
  }

  @Override
  public void close() {
    process.ifPresent(TrialProcess::close);
    process = Optional.empty();
  }
}
