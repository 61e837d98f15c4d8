package dev.lathe.farm.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnergyMeterTest {
  @TempDir Path root;

  private void zone(String folder, String name, long microjoules) throws IOException {
    Path zone = Files.createDirectories(root.resolve(folder));
    Files.writeString(zone.resolve("name"), name + "\n");
    Files.writeString(zone.resolve("energy_uj"), microjoules + "\n");
    Files.writeString(zone.resolve("max_energy_range_uj"), "1000000\n");
  }

  @Test
  void packages_areSummed_partsOfThemAreNot() throws IOException {
    zone("intel-rapl:0", "package-0", 5_000);
    zone("intel-rapl:0:0", "core", 1_000);
    zone("intel-rapl:1", "package-1", 7_000);
    EnergyMeter.Reading begun = EnergyMeter.of(root).orElseThrow().read();
    zone("intel-rapl:0", "package-0", 8_000);
    zone("intel-rapl:0:0", "core", 3_000);
    zone("intel-rapl:1", "package-1", 7_500);
    assertThat(begun.millijoules()).isCloseTo(3.5, within(1e-9));
  }

  @Test
  void counterThatBeganAnew_isCountedOn() throws IOException {
    zone("intel-rapl:0", "package-0", 999_000);
    EnergyMeter.Reading begun = EnergyMeter.of(root).orElseThrow().read();
    zone("intel-rapl:0", "package-0", 2_000);
    assertThat(begun.millijoules()).isCloseTo(3.0, within(1e-9));
  }

  @Test
  void machineThatDoesNotTell_hasNoMeter() throws IOException {
    assertThat(EnergyMeter.of(root.resolve("absent"))).isEmpty();
    assertThat(EnergyMeter.of(root)).isEmpty();
    zone("intel-rapl:0", "package-0", 1);
    Files.writeString(root.resolve("intel-rapl:0/energy_uj"), "secret");
    assertThat(EnergyMeter.of(root)).isEmpty();
  }
}
