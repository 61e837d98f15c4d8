package dev.lathe.farm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.farm.Backends;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.Outcome;
import dev.lathe.farm.Programs;
import dev.lathe.farm.android.FakeAdbServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent for a phone whose cable is pulled again and again. Needs {@code adb}. */
@Tag("slow")
class UnpluggedPhoneTest {
  private static final int JOBS = 100;

  @TempDir Path folder;

  @Test
  void randomUnplugging_losesNoJob_recordsNoneTwice_andLeavesNothing() throws Exception {
    assumeThat(Programs.found("adb")).as("adb is on the path").isTrue();
    Path runner = Files.createDirectories(folder.resolve("runner"));
    Files.writeString(runner.resolve("runner.jar"), "dex");
    SplittableRandom random = new SplittableRandom(1);
    // The phone's program answers at once: what is tested is the way there and back.
    String samples = "1.5,".repeat(63) + "1.5";
    try (FakeAdbServer phone =
            new FakeAdbServer(
                folder.resolve("phone"),
                """
                if [ "$3" = version ]; then echo 'onnxruntime 1.0.0'; exit 0; fi
                sleep 0.1
                { echo load=1; echo firstRun=2; echo warmups=10; echo sentinelBefore=1
                  echo sentinelAfter=1; echo samples=%s; } > result.txt
                """
                    .formatted(samples));
        FakeService service = new FakeService(Duration.ofSeconds(20));
        MeasurementBackend backend =
            Backends.open(
                "android",
                Map.of("port", Integer.toString(phone.port()), "runner", runner.toString()))) {
      for (int i = 0; i < JOBS; i++) {
        service.add("j" + i, ("model " + i).getBytes(StandardCharsets.UTF_8));
      }
      Agent agent =
          new Agent(
              new AgentSettings(
                  service.address(),
                  ServerTrust.usual(),
                  FakeService.KEY,
                  "phone",
                  1,
                  folder.resolve("home"),
                  1,
                  Duration.ofSeconds(5),
                  Duration.ofMillis(5)),
              backend,
              line -> {});
      Thread work =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      agent.run();
                    } catch (Exception e) {
                      throw new IllegalStateException(e);
                    }
                  });
      while (!service.awaitAll(Duration.ofMillis(random.nextInt(300, 2500)))) {
        phone.unplug();
        Thread.sleep(random.nextInt(50, 800));
        phone.plug();
      }
      agent.stop();
      work.join();
      int measured = 0;
      int attempts = 0;
      for (int i = 0; i < JOBS; i++) {
        long good =
            service.recorded("j" + i).stream().filter(o -> o instanceof Outcome.Measured).count();
        assertThat(good).as("job %d", i).isEqualTo(1);
        measured += (int) good;
        attempts += service.recorded("j" + i).size();
      }
      System.out.printf(
          "phone unplugged %d times over %d jobs: %d measured once, %d attempts failed with it%n",
          phone.unplugged.get(), JOBS, measured, attempts - measured);
      assertThat(phone.unplugged).hasValueGreaterThan(5);
      phone.plug();
      backend.close();
      assertThat(phone.files()).isEmpty();
    }
  }
}
