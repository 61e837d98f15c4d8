package dev.lathe.runs.stages;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RequestJson;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.Tables;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be carried out is refused before the start. */
class MethodRefusalTest {
  private static void check(String json) {
    StagedSearch runner = new StagedSearch(InstantSource.system(), Tables.none());
    SearchRequest filled = runner.filled(RequestJson.read(json), List.of("desk"));
    runner.check(filled);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"name":"single-path","warmup":7}     | warmup is 7
          {"name":"single-path","held":-0.1}    | held is -0.1
          {"name":"single-path","targets":[0]}  | targets is [0]
          {"name":"netadapt","target":-4}       | target is -4
          {"name":"netadapt","reduction":0}     | reduction is 0
          {"name":"netadapt","decay":1.1}       | decay is 1.1
          {"name":"netadapt","shortSteps":0}    | shortSteps is 0
          {"name":"netadapt","shortSteps":1.5}  | shortSteps is 1.5
          """)
  void settingsOutOfRange_areNamed(String method, String problem) {
    assertThatThrownBy(() -> check("{\"method\":" + method + "}"))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining(problem)
        .hasMessageContaining("it must be");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":\"single-path\",\"warmup\":0,\"dropped\":0,\"held\":0.9}",
        "{\"name\":\"netadapt\",\"target\":0.3,\"decay\":1,\"shortSteps\":1}"
      })
  void endsOfTheRanges_areTaken(String method) {
    assertThatCode(() -> check("{\"method\":" + method + "}")).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"strided-28", "vit-32"})
  void singlePath_inASpaceWithoutMobileBlocks_isRefusedBeforeTheStart(String space) {
    assertThatThrownBy(
            () -> check("{\"method\":\"single-path\",\"space\":\"%s\"}".formatted(space)))
        .isInstanceOf(InvalidSearch.class)
        .hasMessageContaining("'single-path' cannot search the space")
        .hasMessageContaining(space);
  }
}
