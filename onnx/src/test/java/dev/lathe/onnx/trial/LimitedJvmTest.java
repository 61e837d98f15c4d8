package dev.lathe.onnx.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process that is not trusted has, and has not. */
class LimitedJvmTest {
  @TempDir Path folder;

  /** What the process tries. */
  public static final class Child {
    private Child() {}

    /** Does what the first argument names, and prints what came of it. */
    public static void main(String... arguments) throws Exception {
      switch (arguments[0]) {
        case "surroundings" -> {
          System.out.println(System.getenv().keySet());
          System.out.println(Path.of("").toAbsolutePath());
        }
        case "connect" -> {
          try (Socket socket =
              new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[1]))) {
            System.out.println("connected " + socket.isConnected());
          } catch (IOException e) {
            System.out.println("refused");
          }
        }
        case "allocate" -> {
          List<ByteBuffer> all = new ArrayList<>();
          while (true) {
            all.add(ByteBuffer.allocateDirect(16 << 20));
          }
        }
        case "compute" -> {
          double sum = 0;
          while (sum < Double.MAX_VALUE) {
            sum = Math.sin(sum);
          }
        }
        default -> throw new IllegalArgumentException(arguments[0]);
      }
    }
  }

  private Process start(long cpuSeconds, String... arguments) throws IOException {
    return new LimitedJvm(1L << 30, 64L << 20, cpuSeconds, folder)
        .start(
            Path.of("target/test-classes").toAbsolutePath().toString(),
            Child.class.getName(),
            List.of(arguments));
  }

  private static String output(Process process) throws Exception {
    String text =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return text;
  }

  @Test
  void environment_isBare_andTheFolderItsOwn() throws Exception {
    List<String> lines = output(start(60, "surroundings")).lines().toList();
    assertThat(lines.get(0)).doesNotContain("HOME", "LATHE").doesNotContainPattern("\\bPATH");
    assertThat(lines.get(1)).isEqualTo(folder.toRealPath().toString());
  }

  @Test
  void network_isNotThere() throws Exception {
    assumeTrue(LimitedJvm.isCutOff(), "this system lets nobody take a process's network away");
    assertThat(NetworkInterface.networkInterfaces()).isNotEmpty();
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(output(start(60, "connect", Integer.toString(server.getLocalPort()))))
          .isEqualToIgnoringNewLines("refused");
    }
  }

  @Test
  void memoryAndTime_areLimited() throws Exception {
    Process greedy = start(60, "allocate");
    output(greedy);
    assertThat(greedy.exitValue()).isNotZero();
    Process endless = start(2, "compute");
    output(endless);
    assertThat(endless.exitValue()).as("ended by the system").isGreaterThan(128);
  }
}
