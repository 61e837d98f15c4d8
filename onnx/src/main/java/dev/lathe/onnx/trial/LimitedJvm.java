package dev.lathe.onnx.trial;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Java process that does what is not trusted: with an environment of nothing but its classes, a
 * folder of its own, limits of memory and processor time that the system keeps; and where the
 * system lets us take them away (namespaces of Linux), without network and without sight of what is
 * hidden from it.
 *
 * @param memoryBytes of its data segment
 * @param heapBytes of these, for Java's heap
 * @param cpuSeconds that all its threads together may compute
 * @param folder in which it runs
 * @param hidden what it does not see
 */
public record LimitedJvm(
    long memoryBytes, long heapBytes, long cpuSeconds, Path folder, Hidden hidden) {
  private static final System.Logger LOG = System.getLogger(LimitedJvm.class.getName());
  private static final List<String> CUT_OFF =
      List.of("/usr/bin/unshare", "--map-root-user", "--net", "--");
  private static final String UNSHARE = CUT_OFF.getFirst();
  private static final boolean CAN_CUT_OFF = canCutOff();

  /**
   * Hides places in a namespace of mounts. What is seen of them is bound to a stage first, and from
   * there to where it was. The command runs in a second such namespace, of another user namespace:
   * there these mounts are locked, whatever it is root of.
   */
  private static final String HIDE =
      """
      PATH=/usr/sbin:/usr/bin:/sbin:/bin
      stage=$1; shift
      mkdir "$stage" || exit 70
      n=0
      for place in "$@"; do
        case $place in
          --) break ;;
          h:*) continue ;;
        esac
        n=$((n + 1))
        if [ -d "${place#?:}" ]; then mkdir "$stage/$n"; else : > "$stage/$n"; fi
        mount --bind "${place#?:}" "$stage/$n" || exit 70
      done
      n=0
      while [ "$1" != -- ]; do
        place=${1#?:}
        case $1 in
          h:*)
            if [ -d "$place" ]; then
              mount -t tmpfs -o size=1m,mode=0755 tmpfs "$place" || exit 70
            else
              mount --bind /dev/null "$place" || exit 70
            fi ;;
          *)
            n=$((n + 1))
            if [ -d "$stage/$n" ]; then
              mkdir -p "$place"
            else
              mkdir -p "${place%/*}" && : >> "$place"
            fi
            mount --bind "$stage/$n" "$place" && umount "$stage/$n" || exit 70
            case $1 in r:*) mount -o remount,bind,ro "$place" || exit 70 ;; esac ;;
        esac
        shift
      done
      shift
      rm -rf "$stage"
      exec unshare --map-root-user --mount -- "$@"
      """;

  private static final boolean CAN_HIDE = CAN_CUT_OFF && canHide();

  /**
   * Starts the process; a shell sets its limits before it becomes the process.
   *
   * @throws IOException if it cannot be started
   */
  public Process start(String classPath, String main, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>(before(hidden, folder, classPath));
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
   * What to put before a command so that its process has no network and does not see what is
   * hidden; less, or nothing, where the system does not allow it.
   *
   * @param folder of the process, which it sees and may change wherever it lies
   * @param classPath which it sees as well
   */
  public static List<String> before(Hidden hidden, Path folder, String classPath) {
    if (!CAN_CUT_OFF) {
      return List.of();
    }
    List<String> places =
        CAN_HIDE
            ? hidden.seeing(program(classPath)).changing(List.of(folder)).arguments()
            : List.of();
    if (places.isEmpty()) {
      return CUT_OFF;
    }
    List<String> before = new ArrayList<>();
    before.addAll(List.of(UNSHARE, "--map-root-user", "--net", "--mount", "--"));
    before.addAll(List.of("/bin/sh", "-c", HIDE, "hide", folder.resolve(".stage").toString()));
    before.addAll(places);
    before.add("--");
    return before;
  }

  /** Where the virtual machine and classes lie; jars with the folder around them. */
  private static List<Path> program(String classPath) {
    List<Path> program = new ArrayList<>();
    program.add(Path.of(System.getProperty("java.home")));
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      Path place = Path.of(entry.isEmpty() ? "." : entry).toAbsolutePath();
      program.add(Files.isDirectory(place) ? place : place.getParent());
    }
    return program;
  }

  /** Whether such processes have no network. */
  public static boolean isCutOff() {
    return CAN_CUT_OFF;
  }

  /** Whether such processes do not see what is hidden from them. */
  public static boolean isHiding() {
    return CAN_HIDE;
  }

  /** Some systems allow namespaces, but no mounts in them. */
  private static boolean canHide() {
    try {
      Path folder = Files.createTempDirectory("lathe-hide");
      Path secret =
          Files.createFile(Files.createDirectory(folder.resolve("place")).resolve("file"));
      try {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(UNSHARE, "--map-root-user", "--net", "--mount", "--"));
        command.addAll(List.of("/bin/sh", "-c", HIDE, "hide", folder.resolve("s").toString()));
        command.addAll(List.of("h:" + secret.getParent(), "--"));
        command.addAll(List.of("/bin/sh", "-c", "test ! -e \"$0\"", secret.toString()));
        Optional<String> problem = problem(command);
        problem.ifPresent(
            reason ->
                LOG.log(
                    System.Logger.Level.WARNING,
                    "processes for models see the files of this account: {0}",
                    reason));
        return problem.isEmpty();
      } finally {
        ProcessFolder.delete(folder);
      }
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "processes for models see the files of this account: {0}",
          String.valueOf(e.getMessage()));
      return false;
    }
  }

  /** Some systems allow no namespaces to ordinary users. */
  private static boolean canCutOff() {
    List<String> command = new ArrayList<>(CUT_OFF);
    command.add("/bin/true");
    Optional<String> problem =
        Files.isExecutable(Path.of(UNSHARE))
            ? problem(command)
            : Optional.of("there is no " + UNSHARE);
    problem.ifPresent(
        reason ->
            LOG.log(
                System.Logger.Level.WARNING,
                "processes for models keep the network, and see the files of this account: {0}",
                reason));
    return problem.isEmpty();
  }

  /** What a command says when it fails. */
  private static Optional<String> problem(List<String> command) {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String said =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0
          ? Optional.empty()
          : Optional.of(said);
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }
}
