package dev.lathe.onnx.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process that is not trusted has, and has not. */
class LimitedJvmTest {
  @TempDir Path folder;

  @TempDir Path outside;

  /** What the process tries. */
  public static final class Child {
    private Child() {}

    /** What a file holds; where it may be, it is changed. */
    private static String read(Path file) {
      try {
        String text = Files.readString(file);
        try {
          if (text.equals("told")) {
            Files.writeString(file, text + " and changed");
          }
          return text;
        } catch (IOException e) {
          return text + " locked";
        }
      } catch (IOException e) {
        return "nothing";
      }
    }

    private static String run(String... command) throws Exception {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      process.waitFor();
      return text;
    }

    /** Does what the first argument names, and prints what came of it. */
    public static void main(String... arguments) throws Exception {
      switch (arguments[0]) {
        case "surroundings" -> {
          System.out.println(System.getenv().keySet());
          System.out.println(Path.of("").toAbsolutePath());
        }
        case "read" -> {
          for (String file : List.of(arguments).subList(1, arguments.length)) {
            System.out.println(read(Path.of(file)));
          }
        }
        case "escape" -> {
          Path secret = Path.of(arguments[1]);
          long parent = ProcessHandle.current().parent().orElseThrow().pid();
          run("/usr/bin/umount", secret.getParent().getParent().toString());
          run("/usr/bin/umount", "-l", secret.getParent().getParent().toString());
          run("/usr/bin/mount", "-t", "tmpfs", "tmpfs", secret.getParent().toString());
          System.out.println(read(secret));
          for (long process : new long[] {parent, Long.parseLong(arguments[2])}) {
            System.out.println(read(Path.of("/proc/" + process + "/root" + secret)));
            System.out.println(read(Path.of("/proc/" + process + "/environ")));
          }
          System.out.println(
              run(
                  "/usr/bin/nsenter",
                  "--target",
                  arguments[2],
                  "--mount",
                  "/bin/cat",
                  secret.toString()));
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
    return start(Hidden.nothing(), cpuSeconds, arguments);
  }

  private Process start(Hidden hidden, long cpuSeconds, String... arguments) throws IOException {
    return new LimitedJvm(1L << 30, 64L << 20, cpuSeconds, folder, hidden)
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
  void whatIsHidden_isNotSeen_andTheRestIs() throws Exception {
    assumeTrue(LimitedJvm.isHiding(), "this system lets nobody hide files from a process");
    Path key = secret("home/keys/admin.key");
    Path database = secret("home/postgres/passwords");
    Path alone = secret("agent.key");
    Path images = secret("home/data-sets/pets/1.png");
    Path model = secret("home/artifacts/ab/model");
    Path sibling = secret("home/artifacts/ab/sibling");
    Path work = secret("home/work/search-1/state");
    Path elsewhere = secret("elsewhere/file");
    Hidden hidden =
        new Hidden(
            List.of(outside.resolve("home"), alone, outside.resolve("not there")),
            List.of(images.getParent().getParent(), model, outside.resolve("home/nothing")),
            List.of(work.getParent()));
    assertThat(
            output(
                    start(
                        hidden,
                        60,
                        "read",
                        key.toString(),
                        database.toString(),
                        alone.toString(),
                        sibling.toString(),
                        images.toString(),
                        model.toString(),
                        work.toString(),
                        elsewhere.toString()))
                .lines())
        .containsExactly(
            "nothing", "nothing", "", "nothing", "told locked", "told locked", "told", "told");
    assertThat(Files.readString(work)).as("may be changed").isEqualTo("told and changed");
    assertThat(Files.readString(images)).isEqualTo("told");
    assertThat(folder).as("nothing of this is left").isEmptyDirectory();
    assertThat(hidden.holds(key)).isTrue();
    assertThat(hidden.holds(elsewhere)).isFalse();
  }

  @Test
  void whatIsHidden_isNotBroughtBack() throws Exception {
    assumeTrue(LimitedJvm.isHiding(), "this system lets nobody hide files from a process");
    Path key = secret("home/keys/admin.key");
    String own = Long.toString(ProcessHandle.current().pid());
    assertThat(
            output(start(Hidden.place(outside.resolve("home")), 60, "escape", key.toString(), own)))
        .doesNotContain("told", "PATH=");
  }

  private Path secret(String name) throws IOException {
    Path file = outside.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "told");
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
