package dev.lathe.space.mobile;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.space.file.SpecException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MobileSpecReaderTest {
  private static final String VALID =
      """
      name: x
      input: {channels: 3, resolution: [28]}
      stem: {width: 16, stride: 2}
      stages:
        - {width: [16], expansion: [2, 3]}
        - {width: [32], kernel: [3, 5], expansion: [2], stride: 2}
      head: {width: 64}
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kernel: [3, 5]|kernel: [3, 4]|stages[1].kernel|4",
        "kernel: [3, 5]|kernal: [3]|stages[1].kernal|kernel",
        "expansion: [2, 3]|expansion: [2, 2]|stages[0].expansion[1]|twice",
        "expansion: [2, 3]|expansion: []|stages[0].expansion|empty",
        "expansion: [2, 3]|expansion: [two]|stages[0].expansion[0]|two",
        "width: [16]|width: [0]|stages[0].width[0]|4096",
        "resolution: [28]|resolution: [2]|input.resolution[0]|8",
        "width: 64|wide: 64|head.wide|width",
        "width: 16|activation: relu|stem.width|missing",
        "stride: 2}|activation: [mish], stride: 2}|activation|mish",
        "name: x|name: [x]|name|text",
        "stages:|stages: []\\nother:|other|stages",
      })
  void wrongField_isNamed(String good, String bad, String field, String hint) {
    String text = VALID.replaceFirst(java.util.regex.Pattern.quote(good), bad.replace("\\n", "\n"));
    assertThatThrownBy(() -> MobileSpecReader.read(text))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining(field)
        .hasMessageContaining(hint);
  }

  @ParameterizedTest
  @CsvSource({"'a: [', line", "42, object", "'', object"})
  void noObject_isRefused(String text, String hint) {
    assertThatThrownBy(() -> MobileSpecReader.read(text))
        .isInstanceOf(SpecException.class)
        .hasMessageContaining(hint);
  }
}
