package dev.lathe.compress.fixed;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes a network in fixed point as one file of C++11 that computes it bit for bit: loops with
 * bounds known when it is compiled, no library, no dynamic memory, as tools for hardware want it.
 * Its {@code main}, left out with {@code -DNO_MAIN}, reads the input's integers from standard input
 * and writes the output's.
 */
public final class CppWriter {
  private final StringBuilder constants = new StringBuilder();
  private final StringBuilder buffers = new StringBuilder();
  private final StringBuilder calls = new StringBuilder();
  private final Map<String, String> names = new HashMap<>();
  private final FixedNetwork network;
  private int count;

  private CppWriter(FixedNetwork network) {
    this.network = network;
  }

  /** The text of the file. */
  public static String write(FixedNetwork network) {
    return new CppWriter(network).text();
  }

  private String text() {
    names.put(network.input().name(), "input");
    network.layers().forEach(this::layer);
    String output = names.get(network.output().name());
    return """
        // A network in fixed point. An integer q of a tensor stands for q / 2^fraction.
        // input: %s
        // output: %s
        #include <stdint.h>
        #include <stdio.h>

        #define HOT %d
        typedef int32_t value;

        %s
        %s
        void network(const value input[%d], value output[%d]) {
        %s%s  for (int i = 0; i < %d; i++) {
            output[i] = %s[i];
          }
        }

        #ifndef NO_MAIN
        int main() {
          static value input[%d], output[%d];
          while (true) {
            for (int i = 0; i < %d; i++) {
              int v;
              if (scanf("%%d", &v) != 1) {
                return i == 0 ? 0 : 1;
              }
              input[i] = v;
            }
            network(input, output);
            for (int i = 0; i < %d; i++) {
              printf("%%d\\n", (int)output[i]);
            }
          }
        }
        #endif
        """
        .formatted(
            described(network.input()),
            described(network.output()),
            network.hot(),
            kernels(),
            constants,
            network.input().size(),
            network.output().size(),
            buffers,
            calls,
            network.output().size(),
            output,
            network.input().size(),
            network.output().size(),
            network.input().size(),
            network.output().size());
  }

  private static String described(FixedTensor tensor) {
    return "[%d, %d, %d], %s %d bits, fraction %d"
        .formatted(
            tensor.channels(),
            tensor.height(),
            tensor.width(),
            tensor.format().signed() ? "signed" : "unsigned",
            tensor.format().width(),
            tensor.format().fraction());
  }

  private static String kernels() {
    try (InputStream in = CppWriter.class.getResourceAsStream("kernels.h.txt")) {
      if (in == null) {
        throw new IllegalStateException("kernels.h.txt is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void layer(FixedLayer layer) {
    FixedTensor to = layer.output();
    String y = "t" + count++;
    buffers.append("  static value %s[%d];  // %s%n".formatted(y, to.size(), described(to)));
    calls.append("  " + call(layer, y) + ";\n");
    names.put(to.name(), y);
  }

  private String call(FixedLayer layer, String y) {
    FixedFormat to = layer.output().format();
    return switch (layer) {
      case FixedLayer.Products p -> {
        constants.append(weights("w_" + y, p));
        constants.append(array("int32_t", "b_" + y, Arrays.stream(p.bias()).boxed().toList()));
        yield "products<%s, %d, %d>(%s, w_%s, b_%s, %d, %d, %s)"
            .formatted(
                join(
                        p.input().channels(),
                        p.input().height(),
                        p.input().width(),
                        p.output().channels(),
                        p.output().height(),
                        p.output().width())
                    + ", "
                    + window(p.window()),
                p.groups(),
                p.shift(),
                names.get(p.input().name()),
                y,
                y,
                p.least(),
                p.greatest(),
                y);
      }
      case FixedLayer.Sum s -> {
        int a = s.left().format().fraction();
        int b = s.right().format().fraction();
        int high = Math.max(a, b);
        yield "sums<%s>(%s, %s, %d, %d, %s)"
            .formatted(
                join(s.output().size(), high - a, high - b, high - to.fraction()),
                names.get(s.left().name()),
                names.get(s.right().name()),
                s.least(),
                s.greatest(),
                y);
      }
      case FixedLayer.Mean m ->
          "means<%s>(%s, %d, %d, %s)"
              .formatted(
                  join(
                      m.input().channels(),
                      m.input().height() * m.input().width(),
                      m.input().format().fraction() - to.fraction()),
                  names.get(m.input().name()),
                  to.least(),
                  to.greatest(),
                  y);
      case FixedLayer.Maximum m ->
          "maxima<%s, %s>(%s, %s)"
              .formatted(
                  join(
                      m.input().channels(),
                      m.input().height(),
                      m.input().width(),
                      m.output().height(),
                      m.output().width()),
                  window(m.window()),
                  names.get(m.input().name()),
                  y);
      case FixedLayer.Clamped c ->
          "clamped<%s>(%s, %d, %d, %s)"
              .formatted(
                  join(c.output().size(), c.input().format().fraction() - to.fraction()),
                  names.get(c.input().name()),
                  c.least(),
                  c.greatest(),
                  y);
    };
  }

  private static String window(FixedLayer.Window w) {
    return join(
        w.height(),
        w.width(),
        w.strideY(),
        w.strideX(),
        w.top(),
        w.left(),
        w.dilationY(),
        w.dilationX());
  }

  private static String join(int... numbers) {
    return Arrays.stream(numbers).mapToObj(Integer::toString).collect(Collectors.joining(", "));
  }

  private String weights(String name, FixedLayer.Products layer) {
    List<String> texts =
        Arrays.stream(layer.weights())
            .mapToObj(w -> network.hot() == 0 ? Integer.toString(w) : digits(w))
            .toList();
    return array("weight", name, texts);
  }

  private String digits(int weight) {
    StringBuilder text = new StringBuilder("{{");
    List<SignedDigits.Digit> digits = SignedDigits.of(weight);
    for (int i = 0; i < network.hot(); i++) {
      int code = 0;
      if (i < digits.size()) {
        code = (digits.get(i).shift() + 1) * (digits.get(i).negative() ? -1 : 1);
      }
      text.append(i == 0 ? "" : ", ").append(code);
    }
    return text.append("}}").toString();
  }

  private static String array(String type, String name, List<?> values) {
    StringBuilder text = new StringBuilder();
    text.append("static const %s %s[%d] = {".formatted(type, name, values.size()));
    for (int i = 0; i < values.size(); i++) {
      text.append(i % 24 == 0 ? "\n  " : " ").append(values.get(i)).append(',');
    }
    return text.append("\n};\n").toString();
  }
}
