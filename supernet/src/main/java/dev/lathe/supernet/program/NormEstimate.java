package dev.lathe.supernet.program;

import dev.lathe.graph.NormStatistics;
import dev.lathe.supernet.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** Batch-norm statistics being averaged over several batches. */
public final class NormEstimate implements AutoCloseable {
  private final Map<String, Running> running = new LinkedHashMap<>();
  private int batches;

  public record Running(Tensor mean, Tensor variance) {}

  /** Starts the next batch; with weight 1/k for the k-th, all batches count alike. */
  public void nextBatch() {
    batches++;
  }

  public double momentum() {
    return 1.0 / batches;
  }

  public Running of(String node, int channels) {
    return running.computeIfAbsent(
        node, _ -> new Running(Torch.zeros(channels), Torch.zeros(channels)));
  }

  /** The averages so far, by the names of the norms. */
  public NormStatistics statistics() {
    Map<String, NormStatistics.Moments> moments = new LinkedHashMap<>();
    running.forEach(
        (node, tensors) ->
            moments.put(
                node,
                new NormStatistics.Moments(
                    Torch.toFloats(tensors.mean()), Torch.toFloats(tensors.variance()))));
    return new NormStatistics(moments);
  }

  @Override
  public void close() {
    running
        .values()
        .forEach(
            tensors -> {
              tensors.mean().close();
              tensors.variance().close();
            });
    running.clear();
  }
}
