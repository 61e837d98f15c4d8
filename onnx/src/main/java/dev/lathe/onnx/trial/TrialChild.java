package dev.lathe.onnx.trial;

import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OrtModel;
import dev.lathe.onnx.TensorValue;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The process that tries models: a line "types file" of standard input each, answered by "ok" or by
 * "refused " and the reason.
 */
final class TrialChild {
  static final String OK = "ok";
  static final String REFUSED = "refused ";

  private TrialChild() {}

  public static void main(String... arguments) throws IOException {
    ProcessHandle.current().parent().ifPresent(TrialChild::endWith);
    PrintStream out = System.out;
    System.setOut(System.err);
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.println(answer(line));
        out.flush();
      }
    }
  }

  /** Without its parent it must not go on, not even inside a model that never ends. */
  private static void endWith(ProcessHandle parent) {
    Thread.ofPlatform()
        .daemon()
        .name("parent-watch")
        .start(
            () -> {
              parent.onExit().join();
              Runtime.getRuntime().halt(1);
            });
  }

  private static String answer(String line) {
    try {
      int space = line.indexOf(' ');
      Path model = Path.of(line.substring(space + 1));
      String types = line.substring(0, space);
      List<String> inputs = types.isEmpty() ? List.of() : List.of(types.split(";", -1));
      run(model, inputs, OrtModel.Options.LITERAL);
      run(model, inputs, OrtModel.Options.DEPLOYED);
      return OK;
    } catch (OnnxException | IllegalArgumentException | ArithmeticException e) {
      return REFUSED + String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
    } catch (OutOfMemoryError e) {
      return REFUSED + "the model needs more memory than it may use.";
    }
  }

  private static void run(Path model, List<String> types, OrtModel.Options options) {
    try (OrtModel session = OrtModel.open(model, options)) {
      if (session.inputs().size() != types.size()) {
        throw new OnnxException(
            "the model takes %d inputs, but declares %d."
                .formatted(session.inputs().size(), types.size()));
      }
      try {
        run(session, types, false);
      } catch (OnnxException e) {
        if (types.stream().noneMatch(TrialInput::mayBeSizes)) {
          throw e;
        }
        try {
          run(session, types, true);
        } catch (OnnxException neither) {
          throw e;
        }
      }
    }
  }

  private static void run(OrtModel session, List<String> types, boolean ones) {
    Map<String, TensorValue> values = new LinkedHashMap<>();
    for (int i = 0; i < types.size(); i++) {
      String name = session.inputs().get(i);
      values.put(name, TrialInput.of(name, types.get(i), ones));
    }
    try (OrtModel.Prepared prepared = session.prepare(values)) {
      prepared.run();
    }
  }
}
