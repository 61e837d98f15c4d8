package dev.lathe.supernet;

import dev.lathe.supernet.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.pytorch.global.torch;

/**
 * Threads that compute side by side, each with libtorch confined to itself: small networks gain
 * more from two images' worth of work at once than from splitting one operation.
 */
public final class Workers implements AutoCloseable {
  private final int count;
  private final ExecutorService threads;

  /** As many workers as given, at least 1. */
  public Workers(int count) {
    if (count < 1) {
      throw new IllegalArgumentException(
          "there must be at least 1 worker, not %d.".formatted(count));
    }
    this.count = count;
    this.threads =
        Executors.newFixedThreadPool(
            count,
            work -> {
              Thread thread = new Thread(work, "lathe-worker");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** One worker a processor, at most 8; a single one that feeds the GPU, where there is one. */
  public static Workers ofProcessors() {
    return Torch.onGpu()
        ? new Workers(1)
        : new Workers(Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8));
  }

  public int count() {
    return count;
  }

  /**
   * Runs all tasks and gives their results in order; the first failure is thrown.
   *
   * <p>The calling thread keeps to one thread of libtorch from here on, too: the threads that it
   * would start wait for their next work by spinning, on the processors that the workers need (a
   * step of a small network took 1.5 times as long).
   */
  public <T> List<T> run(List<? extends Callable<T>> tasks) {
    torch.set_num_threads(1);
    List<Future<T>> futures = new ArrayList<>();
    for (Callable<T> task : tasks) {
      futures.add(
          threads.submit(
              () -> {
                torch.set_num_threads(1);
                return task.call();
              }));
    }
    List<T> results = new ArrayList<>();
    RuntimeException failure = null;
    for (Future<T> future : futures) {
      try {
        results.add(future.get());
      } catch (ExecutionException e) {
        RuntimeException cause =
            e.getCause() instanceof RuntimeException runtime
                ? runtime
                : new IllegalStateException(e.getCause());
        failure = failure == null ? cause : failure;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while training", e);
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
