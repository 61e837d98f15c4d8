package dev.lathe.data.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreprocessingTest {
  private static final float[] HALF = {0.5f, 0.5f, 0.5f};

  @Test
  void whatIsWritten_isRead() {
    Preprocessing written = Preprocessing.of(28, HALF, new float[] {0.1f, 0.2f, 0.3f});
    Preprocessing read = Preprocessing.parse(written.toJson());
    assertThat(read.framing()).isEqualTo(written.framing());
    assertThat(read.std()).isEqualTo(written.std());
    assertThat(read.toJson()).isEqualTo(written.toJson());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"mean":[0,0,0],"std":[1,1,1]}                          | 'height' is missing
          {"height":28,"mean":[0,0,0],"std":[1,1,1]}              | 'width' is missing
          {"height":"x","width":9,"mean":[0,0,0],"std":[1,1,1]}   | 'height' is "x"
          {"height":9,"width":9,"std":[1,1,1]}                    | 'mean' is missing
          {"height":9,"width":9,"mean":[0,0,0],"std":[1]}         | 'std' is [1]
          {"height":9,"width":9,"mean":[0,0,0],"std":[1,1,1],"layout":"x"} | one of [nchw, nhwc]
          [1]                                                     | no JSON object
          height                                                  | no JSON
          """)
  void whatIsMissingOrWrong_isNamedWithAdvice(String text, String problem) {
    assertThatThrownBy(() -> Preprocessing.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'lathe.preprocessing' cannot be read")
        .hasMessageContaining(problem)
        .hasMessageContaining("Maybe")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }
}
