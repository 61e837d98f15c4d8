package dev.lathe.farm;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Measures ONNX files on one device. A back end measures one thing at a time and is used by one
 * thread at a time; it outlives any model that crashes, hangs or exhausts memory.
 */
public interface MeasurementBackend extends AutoCloseable {
  /** What the device is. */
  DeviceFacts facts();

  /**
   * Whether the device is there now: one that can be unplugged may not be. No job is fetched for a
   * device that is away.
   */
  default boolean isThere() throws InterruptedException {
    return true;
  }

  /**
   * Measures one ONNX file at batch 1.
   *
   * @throws MeasurementFailed if there are no figures; the back end remains usable
   * @throws InterruptedException if the calling thread is interrupted; the back end remains usable
   */
  Measurement measure(Path onnx, MeasurementProtocol protocol)
      throws MeasurementFailed, InterruptedException;

  /**
   * Measures several ONNX files so that they can be compared: where a back end can, it takes their
   * samples in turns, so that a slow change of the machine meets all of them alike.
   *
   * @return one outcome a file, in the order of the files
   * @throws InterruptedException if the calling thread is interrupted; the back end remains usable
   */
  default List<Outcome> measureTogether(List<Path> onnx, MeasurementProtocol protocol)
      throws InterruptedException {
    List<Outcome> outcomes = new ArrayList<>();
    for (Path file : onnx) {
      try {
        outcomes.add(new Outcome.Measured(measure(file, protocol)));
      } catch (MeasurementFailed failure) {
        outcomes.add(Outcome.Failed.of(failure));
      }
    }
    return List.copyOf(outcomes);
  }

  /**
   * As {@link #measureTogether(List, MeasurementProtocol)}, with inputs of these shapes; a back end
   * that replays figures has them of the shapes with which they were taken.
   *
   * @param shapes for each file, of its inputs by name; what is neither there nor in the model is 1
   */
  default List<Outcome> measureTogether(
      List<Path> onnx, MeasurementProtocol protocol, List<Map<String, long[]>> shapes)
      throws InterruptedException {
    return measureTogether(onnx, protocol);
  }

  /** Ends what the back end started. */
  @Override
  void close();
}
