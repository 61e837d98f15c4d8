package dev.lathe.runs.isolated;

import dev.lathe.onnx.trial.LimitedProcess;
import java.time.Duration;
import java.util.Optional;

/** Lines to and from the process that works on a model. */
interface Lines {
  void send(String line);

  /**
   * The next line.
   *
   * @return empty if none came within the time
   * @throws LimitedProcess.Ended if none will come any more
   */
  Optional<String> read(Duration time) throws LimitedProcess.Ended, InterruptedException;

  /** Those of a process. */
  static Lines of(LimitedProcess process) {
    return new Lines() {
      @Override
      public void send(String line) {
        process.send(line);
      }

      @Override
      public Optional<String> read(Duration time)
          throws LimitedProcess.Ended, InterruptedException {
        return process.read(time);
      }
    };
  }
}
