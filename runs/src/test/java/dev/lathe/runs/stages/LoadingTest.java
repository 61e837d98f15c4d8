package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RequestJson;
import org.junit.jupiter.api.Test;

class LoadingTest {
  @Test
  void spaceForGreyImages_isRefused() {
    String request =
        """
        {"space": {"name": "grey", "input": {"channels": 1, "resolution": [28]},
          "stem": {"width": 16, "kernel": 3, "stride": 2, "activation": "relu"},
          "stages": [{"width": [16, 24], "depth": [1, 2], "stride": 2, "kernel": [3, 5],
                      "expansion": [2, 3]}],
          "head": {"width": 96, "activation": "relu"}}}
        """;
    assertThatThrownBy(() -> Loading.check(RequestJson.read(request)))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("space 'grey' takes images of 1 channel(s)");
  }
}
