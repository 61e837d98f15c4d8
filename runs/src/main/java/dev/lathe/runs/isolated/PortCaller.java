package dev.lathe.runs.isolated;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.runs.MeasurementException;
import dev.lathe.runs.Measurements;
import dev.lathe.runs.RunStopped;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The ports of a run within the process that works on a model: each call goes to the process that
 * asked for the work, and its answer comes back.
 */
final class PortCaller {
  private final Wire wire;
  private final BufferedReader in;
  private final PrintStream out;

  PortCaller(Wire wire, BufferedReader in, PrintStream out) {
    this.wire = wire;
    this.in = in;
    this.out = out;
  }

  /** The port that lies on the other side. */
  <T> T port(Class<T> type) {
    String name = type.getSimpleName();
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) ->
                method.getDeclaringClass() == Object.class
                    ? ofObject(proxy, method, arguments)
                    : call(name, method, arguments == null ? new Object[0] : arguments)));
  }

  private static Object ofObject(Object proxy, Method method, Object @Nullable [] arguments) {
    return switch (method.getName()) {
      case "equals" -> arguments != null && proxy == arguments[0];
      case "hashCode" -> System.identityHashCode(proxy);
      default -> "port of a run";
    };
  }

  /** Writes a message. */
  synchronized void tell(ObjectNode message) {
    out.println(wire.line(message));
    out.flush();
  }

  private synchronized @Nullable Object call(String port, Method method, Object[] arguments) {
    ObjectNode call = wire.object().put("port", port).put("call", Wire.name(method));
    ArrayNode values = call.putArray("arguments");
    Measurements.Progress progress = null;
    Type[] types = method.getGenericParameterTypes();
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i] instanceof Measurements.Progress told) {
        progress = told;
        values.addNull();
      } else {
        values.addRawValue(wire.value(arguments[i], types[i]));
      }
    }
    tell(call);
    while (true) {
      ObjectNode answer = wire.message(next());
      if (answer.has("value")) {
        return method.getReturnType() == void.class
            ? null
            : wire.read(answer.get("value"), method.getGenericReturnType());
      }
      if (answer.has("stop")) {
        throw new RunStopped(RunStopped.Reason.valueOf(answer.get("stop").asText()));
      }
      if (answer.has("noDevice")) {
        throw new MeasurementException(answer.get("noDevice").asText());
      }
      if (answer.has("error")) {
        throw new IllegalStateException(answer.get("error").asText());
      }
      pass(progress, answer);
    }
  }

  /** Tells a list's progress to whoever wants to know, in the midst of a call. */
  private void pass(Measurements.@Nullable Progress progress, ObjectNode at) {
    boolean well = true;
    try {
      if (progress != null) {
        progress.at(at.path("done").asInt(), at.path("of").asInt());
      }
    } catch (RuntimeException e) {
      well = false; // the other side knows why: nothing but its own answers ends it
    }
    tell(wire.object().put("passed", well));
  }

  private String next() {
    try {
      String line = in.readLine();
      if (line == null) {
        Runtime.getRuntime().halt(1); // whoever asked for this is gone
      }
      return String.valueOf(line);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a failure says, for people. */
  static String text(Throwable failure) {
    String text = failure.getMessage();
    return text == null || text.isBlank()
        ? "it failed by a %s."
            .formatted(failure.getClass().getSimpleName().toLowerCase(Locale.ROOT))
        : text;
  }
}
