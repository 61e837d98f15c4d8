package dev.lathe.space.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.space.MacsSpread;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.SpaceSpec;
import dev.lathe.space.file.SpecException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SpaceFilesTest {
  static java.util.List<String> builtIn() {
    return SpaceFiles.builtinNames();
  }

  @ParameterizedTest
  @MethodSource("builtIn")
  void builtInSpaces_surviveWritingAndHoldNetworksOfManySizes(String name) {
    SpaceSpec spec = SpaceFiles.builtin(name);
    assertThat(SpaceFiles.read(spec.json())).isEqualTo(spec);
    assertThat(spec.name()).isEqualTo(name);
    NetworkSpace space = spec.space(10);
    assertThat(MacsSpread.macs(space, space.largest()))
        .isGreaterThan(4 * MacsSpread.macs(space, space.smallest()));
  }

  @Test
  void families_areKnownByName() {
    assertThatThrownBy(() -> SpaceFiles.read("family: fancy"))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining("fancy")
        .hasMessageContaining("mobile");
    assertThatThrownBy(() -> SpaceFiles.builtin("huge"))
        .hasMessageContaining("huge")
        .hasMessageContaining("mobile-32");
  }

  @Test
  void spaceForImages_isOfTheirSizeAndChannels() {
    SpaceSpec spec = SpaceFiles.forImages(1, 48);
    assertThat(spec.resolutions()).containsExactly(48);
    assertThat(spec.channels()).isEqualTo(1);
    assertThat(spec.name()).isEqualTo("plain-32");
    assertThat(SpaceFiles.forImages(3, 28).name()).isEqualTo("plain-28");
    assertThat(SpaceFiles.forImages(3, 64).name()).isEqualTo("strided-64");
    assertThat(SpaceFiles.forImages(3, 96).name()).isEqualTo("strided-224");
    assertThat(SpaceFiles.mobileForImages(3, 28).name()).isEqualTo("mobile-28");
  }
}
