package dev.lathe.farm.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.farm.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The agent on an arm64 Java runtime, whose instructions qemu translates. Needs {@code
 * qemu-aarch64-static}, and in {@code LATHE_ARM64_ROOT} what {@code build/arm64-root.sh} made.
 */
@Tag("slow")
class Arm64AgentTest {
  @TempDir Path folder;

  @Test
  void agentOnArm64_measuresWithOnnxRuntime_andSaysThatItIsEmulated() throws Exception {
    assumeThat(Programs.found("qemu-aarch64-static")).as("qemu is on the path").isTrue();
    String root = System.getenv("LATHE_ARM64_ROOT");
    assumeThat(root).as("LATHE_ARM64_ROOT names what build/arm64-root.sh made").isNotNull();
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(
                "qemu-aarch64-static",
                "-cpu",
                "cortex-a72",
                "-L",
                root,
                root + "/usr/lib/jvm/java-25-openjdk-arm64/bin/java",
                "-XX:TieredStopAtLevel=1",
                // The usual way starts a helper of the runtime's own, which is an arm64 program
                // too.
                "-Djdk.lang.Process.launchMechanism=FORK",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.lathe.farm.command.AgentMain",
                "--check",
                "--home=" + folder.resolve("home"),
                "-o",
                "launcher=qemu-aarch64-static -cpu cortex-a72 -L " + root,
                "-o",
                "time-limit=300",
                "-o",
                "max-drift=1e9",
                "-o",
                "noisy-repeats=0")
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertThat(process.waitFor(6, TimeUnit.MINUTES)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(Files.readString(out))
        .containsPattern("ok +device +cpu \\(emulated\\), .*onnxruntime 1\\.")
        .containsPattern("ok +measures +the sentinel takes \\d");
  }
}
