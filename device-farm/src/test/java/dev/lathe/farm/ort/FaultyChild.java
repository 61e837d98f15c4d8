package dev.lathe.farm.ort;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The real child, which does itself the harm that the names of its models ask for. */
final class FaultyChild {
  private FaultyChild() {}

  public static void main(String... arguments) throws IOException {
    System.setIn(new Harm(System.in));
    MeasurementChild.main(arguments);
  }

  private static void harm(String line) {
    if (line.contains("harm-segv")) {
      segmentationFault();
    } else if (line.contains("harm-kill")) {
      try {
        new ProcessBuilder("kill", "-9", Long.toString(ProcessHandle.current().pid()))
            .start()
            .waitFor();
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    } else if (line.contains("harm-memory")) {
      List<long[]> all = new ArrayList<>();
      while (true) {
        all.add(new long[1 << 20]);
      }
    } else if (line.contains("harm-hang")) {
      while (true) {
        Thread.onSpinWait();
      }
    } else if (line.contains("harm-exit")) {
      System.exit(0);
    }
  }

  /** Has the C library read where nothing is. */
  private static void segmentationFault() {
    Linker linker = Linker.nativeLinker();
    try {
      long length =
          (long)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow("strlen"),
                      FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS))
                  .invokeExact(MemorySegment.ofAddress(8));
      throw new IllegalStateException("read %d bytes where nothing is".formatted(length));
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  /** Passes lines on, and looks at each first. */
  private static final class Harm extends InputStream {
    private final BufferedReader lines;
    private InputStream line = InputStream.nullInputStream();

    Harm(InputStream in) {
      lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      try {
        int count = line.read(target, offset, length);
        if (count >= 0) {
          return count;
        }
        String next = lines.readLine();
        if (next == null) {
          return -1;
        }
        harm(next);
        line = new ByteArrayInputStream((next + "\n").getBytes(StandardCharsets.UTF_8));
        return line.read(target, offset, length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
