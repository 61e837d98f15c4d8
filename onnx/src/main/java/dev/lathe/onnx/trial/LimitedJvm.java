package dev.lathe.onnx.trial;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Java process that does what is not trusted: with an environment of nothing but its classes, a
 * folder of its own, limits of memory and processor time that the system keeps, and without network
 * where the system lets us take it away.
 *
 * @param memoryBytes of its data segment
 * @param heapBytes of these, for Java's heap
 * @param cpuSeconds that all its threads together may compute
 * @param folder in which it runs
 */
public record LimitedJvm(long memoryBytes, long heapBytes, long cpuSeconds, Path folder) {
  private static final System.Logger LOG = System.getLogger(LimitedJvm.class.getName());
  private static final List<String> CUT_OFF =
      List.of("/usr/bin/unshare", "--map-root-user", "--net", "--");
  private static final boolean CAN_CUT_OFF = canCutOff();

  /**
   * Starts the process; a shell sets its limits before it becomes the process.
   *
   * @throws IOException if it cannot be started
   */
  public Process start(String classPath, String main, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(withoutNetwork());
    command.addAll(
        List.of(
            "/bin/sh",
            "-c",
            "ulimit -c 0; ulimit -d \"$0\" || true; ulimit -t \"$1\" || true; shift; exec \"$@\"",
            Long.toString(memoryBytes / 1024),
            Long.toString(cpuSeconds),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xms32m",
            "-Xmx" + (heapBytes >> 20) + "m",
            "-XX:MaxDirectMemorySize=" + memoryBytes / 2,
            "-XX:+UseSerialGC",
            "-XX:-UsePerfData",
            "-XX:+ExitOnOutOfMemoryError",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=/dev/null",
            "-Djava.awt.headless=true",
            "-Djava.io.tmpdir=" + folder,
            "-Duser.home=" + folder,
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            main));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().clear();
    // Not as an option: ONNX Runtime does not survive long command lines.
    builder.environment().put("CLASSPATH", classPath);
    return builder.start();
  }

  /**
   * What to put before a command so that its process has no network; empty where the system does
   * not allow it.
   */
  public static List<String> withoutNetwork() {
    return CAN_CUT_OFF ? CUT_OFF : List.of();
  }

  /** Whether such processes have no network. */
  public static boolean isCutOff() {
    return CAN_CUT_OFF;
  }

  /** Some systems allow no namespaces to ordinary users. */
  private static boolean canCutOff() {
    String reason;
    if (Files.isExecutable(Path.of(CUT_OFF.getFirst()))) {
      List<String> command = new ArrayList<>(CUT_OFF);
      command.add("/bin/true");
      try {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said =
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        if (process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0) {
          return true;
        }
        reason = said;
      } catch (IOException e) {
        reason = String.valueOf(e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        reason = "interrupted";
      }
    } else {
      reason = "there is no " + CUT_OFF.getFirst();
    }
    LOG.log(System.Logger.Level.WARNING, "processes for models keep the network: {0}", reason);
    return false;
  }
}
