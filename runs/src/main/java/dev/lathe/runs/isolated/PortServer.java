package dev.lathe.runs.isolated;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.onnx.trial.LimitedProcess;
import dev.lathe.runs.MeasurementException;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.PredictorRecord;
import dev.lathe.runs.RunControl;
import dev.lathe.runs.RunStopped;
import dev.lathe.runs.RunStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The other side of {@link PortCaller}: carries out the calls of a process that works on a model,
 * and nothing else, until it is done, fails, falls silent, or the run is to stop. A cancelled run
 * is left at once; one that is paused may save what it has.
 */
final class PortServer {
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration TO_SAVE = Duration.ofSeconds(60);
  private static final Duration TO_SAVE_AT_SHUTDOWN = Duration.ofSeconds(8);

  /**
   * A port with its methods.
   *
   * @param methods by name
   */
  private record Port(Object object, Map<String, Method> methods) {}

  private final Lines process;
  private final Wire wire;
  private final Map<String, Port> ports;
  private final RunControl control;
  private final Duration silence;
  private final Predicate<PredictorRecord> own;
  private @Nullable Throwable thrown;
  private long stopSeen;

  /**
   * A server of the ports of one run.
   *
   * @param own whether a predictor is one that this run may leave behind for others
   */
  PortServer(
      Lines process,
      Wire wire,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Duration silence,
      Predicate<PredictorRecord> own) {
    this.process = process;
    this.wire = wire;
    this.control = control;
    this.silence = silence;
    this.own = own;
    this.ports =
        Map.of(
            RunStore.class.getSimpleName(),
            new Port(store, Wire.methods(RunStore.class)),
            Measurements.class.getSimpleName(),
            new Port(measurements, Wire.methods(Measurements.class)),
            RunControl.class.getSimpleName(),
            new Port(control, Wire.methods(RunControl.class)));
  }

  /**
   * Serves until the work is done.
   *
   * @throws RunStopped if it stopped as it was told to
   * @throws ModelFailure with what it found wrong, or how its process came to its end
   */
  void serve() {
    JsonNode unused = until("done");
  }

  private JsonNode until(String ending) {
    while (true) {
      ObjectNode message = next();
      if (message.has("call")) {
        answer(message);
      } else if (message.has("failed")) {
        throw failure(message.get("failed"));
      } else if (message.has(ending)) {
        return message.get(ending);
      } else {
        throw new ModelFailure("the model's process wrote what is no message of ours.");
      }
    }
  }

  private ObjectNode next() {
    long end = System.nanoTime() + silence.toNanos();
    try {
      while (true) {
        requireGoingOn();
        Optional<String> line = process.read(LOOK);
        if (line.isPresent() && line.get().startsWith("{")) {
          return wire.message(line.get());
        }
        if (System.nanoTime() > end) {
          throw new ModelFailure(
              "the model's process gave no sign for %d s and was ended. Maybe the model loops."
                  .formatted(silence.toSeconds()));
        }
      }
    } catch (LimitedProcess.Ended e) {
      throw new ModelFailure("the model's process " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ModelFailure("interrupted while the model was worked on.", e);
    }
  }

  private void requireGoingOn() {
    RunStopped.Reason reason = control.stopRequested().orElse(null);
    if (reason == null) {
      return;
    }
    long now = System.nanoTime();
    if (stopSeen == 0) {
      stopSeen = now;
    }
    Duration left =
        switch (reason) {
          case CANCELLED -> Duration.ZERO;
          case PAUSED -> TO_SAVE;
          case SHUTDOWN -> TO_SAVE_AT_SHUTDOWN;
        };
    if (now - stopSeen >= left.toNanos()) {
      throw new RunStopped(reason);
    }
  }

  private void answer(ObjectNode call) {
    Port port = ports.get(call.path("port").asText());
    Method method = port == null ? null : port.methods().get(call.path("call").asText());
    JsonNode given = call.path("arguments");
    if (port == null || method == null || given.size() != method.getParameterCount()) {
      throw new ModelFailure("the model's process asks for what no run asks.");
    }
    Type[] types = method.getGenericParameterTypes();
    Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      arguments[i] =
          types[i] == Measurements.Progress.class
              ? (Measurements.Progress) this::pass
              : wire.read(given.get(i), types[i]);
    }
    for (Object argument : arguments) {
      if (argument instanceof PredictorRecord predictor && !own.test(predictor)) {
        throw new ModelFailure(
            "the model's process left a predictor for '%s' on '%s', which is not of its run."
                .formatted(predictor.space(), predictor.device()));
      }
    }
    ObjectNode answer = wire.object();
    try {
      Object value = method.invoke(port.object(), arguments);
      if (method.getReturnType() == void.class) {
        answer.put("value", true);
      } else {
        answer.putRawValue("value", wire.value(value, method.getGenericReturnType()));
      }
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      thrown = cause;
      switch (cause) {
        case RunStopped stopped -> answer.put("stop", stopped.reason().name());
        case MeasurementException none -> answer.put("noDevice", PortCaller.text(none));
        default -> answer.put("error", PortCaller.text(cause));
      }
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
    process.send(wire.line(answer));
  }

  /** Tells the process how far a list of measurements is, and serves what it does about that. */
  private void pass(int done, int of) {
    process.send(wire.line(wire.object().put("done", done).put("of", of)));
    if (!until("passed").asBoolean()) {
      throw ended("");
    }
  }

  private RuntimeException failure(JsonNode failed) {
    return ended(failed.path("message").asText());
  }

  /** The failure of a call where the process ended by it, else what it says. */
  private RuntimeException ended(String message) {
    Throwable cause = thrown;
    if (cause instanceof RunStopped stopped) {
      return stopped;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known
            && (message.isEmpty() || message.equals(PortCaller.text(known)))
        ? known
        : new ModelFailure(message.isEmpty() ? "the model's process ended its call." : message);
  }
}
