package dev.lathe.bench.payoff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RivalKindTest {
  @Test
  void widths_areTheUsualOnesThenSomeBetween() {
    assertThat(RivalKind.widths(3, 32)).containsExactly(0.25, 0.5, 1.0);
    assertThat(RivalKind.widths(5, 32)).containsExactly(0.25, 0.5, 0.75, 1.0, 2.0);
    for (int side : new int[] {28, 32, 224}) {
      assertThat(RivalKind.widths(RivalKind.MOST, side))
          .hasSize(RivalKind.MOST)
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void unknownRival_isNamed() {
    assertThatThrownBy(() -> RivalKind.named("vgg"))
        .hasMessage("there is no rival 'vgg'. Maybe one of [mobilenetv2, resnet, random].");
  }
}
