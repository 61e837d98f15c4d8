package dev.lathe.cli.compress;

import dev.lathe.compress.recipe.CompressionStep;
import dev.lathe.compress.recipe.Compressor;
import dev.lathe.compress.recipe.StepReport;
import dev.lathe.onnx.OnnxGraph;
import java.io.PrintWriter;

/** Says every few seconds what is being done, so that nobody waits in the dark. */
final class Heartbeat implements Compressor.Watcher, AutoCloseable {
  private static final long MILLIS = 5000;

  private final PrintWriter err;
  private final Thread thread;
  private volatile String at = "reading the data";
  private volatile long since = System.nanoTime();

  Heartbeat(PrintWriter err) {
    this.err = err;
    this.thread = Thread.ofPlatform().daemon().name("heartbeat").start(this::beat);
  }

  private void beat() {
    try {
      while (true) {
        Thread.sleep(MILLIS);
        long seconds = (System.nanoTime() - since) / 1_000_000_000L;
        if (seconds * 1000 >= MILLIS) {
          err.printf("%s, for %d s%n", at, seconds);
          err.flush();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Begins something. */
  void at(String what) {
    at = what;
    since = System.nanoTime();
  }

  /** Tells how far something has come; said with the next beat. */
  void say(double fraction, String message) {
    at = "%3.0f %%  %s".formatted(100 * fraction, message);
  }

  @Override
  public void begins(CompressionStep step, int number, int of) {
    at("step %d of %d, %s".formatted(number, of, step.name()));
  }

  @Override
  public void done(StepReport report, OnnxGraph model) {
    at("after " + report.step());
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
