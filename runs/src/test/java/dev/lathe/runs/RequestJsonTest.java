package dev.lathe.runs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.metric.Metric;
import dev.lathe.runs.SearchRequest.Goal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestJsonTest {
  private static final String WHOLE =
      """
      {"name":"mine","seed":7,"data":"builtin","score":"accuracy","space":"mobile-28",\
      "devices":["desk","pixel 8"],\
      "objectives":[{"maximize":"accuracy"},{"minimize":"latency.p90@pixel 8"},\
      {"maximize":"mnasReward","latency":"latency@desk","target":5,"hard":true}],\
      "constraints":[{"metric":"latency@desk","atMost":5.0},{"metric":"accuracy","atLeast":0.9}],\
      "method":{"name":"nsga2","population":12},"forms":["float32","weights4"],\
      "budget":{"minutes":30.0,"evaluations":240,"stagnation":40},\
      "warmStart":{"search":12},"replay":11,"settings":{"members":3}}""";

  @Test
  void request_isWrittenAsItIsRead() {
    assertThat(RequestJson.write(RequestJson.read(WHOLE))).isEqualTo(WHOLE);
  }

  @Test
  void spaces_areNamesDefinitionsTablesOrModels() {
    for (String space :
        List.of(
            "\"mobile-32\"",
            "{\"name\":\"mine\",\"stages\":[]}",
            "{\"table\":\"nasbench\"}",
            "{\"model\":\"sha256:00\"}")) {
      assertThat(RequestJson.tree(RequestJson.read("{\"space\":" + space + "}")).get("space"))
          .hasToString(space);
    }
  }

  @Test
  void olderSpellings_areReadAndNotWritten() {
    SearchRequest request =
        RequestJson.read(
            """
            {"minutes":6,"device":"desk","constraints":{"maxLatencyMillis":2,"maxBytes":100,"minAccuracy":0.5},
             "settings":{"population":10,"generations":4,"members":2}}""");
    assertThat(RequestJson.write(RequestDefaults.fill(request, List.of())))
        .isEqualTo(
            """
            {"seed":1,"data":"builtin","devices":["desk"],"objectives":[{"maximize":"accuracy"},\
            {"minimize":"latency@desk"},{"minimize":"bytes"}],"constraints":[\
            {"metric":"latency@desk","atMost":2.0},{"metric":"bytes","atMost":100.0},\
            {"metric":"accuracy","atLeast":0.5}],"method":{"name":"nsga2","population":10},\
            "forms":["float32","int8"],"budget":{"minutes":6.0,"evaluations":40},"settings":{"members":2}}""");
  }

  @Test
  void defaults_fillWhatIsOpen_andFilledTwiceChangeNothing() {
    SearchRequest filled = RequestDefaults.fill(SearchRequest.of("builtin", 1), List.of("a", "b"));
    assertThat(filled.method().orElseThrow().name()).isEqualTo("predictor");
    assertThat(filled.objectives())
        .containsExactly(
            Goal.maximize(Metric.of("accuracy")),
            Goal.minimize(Metric.of("latency@a")),
            Goal.minimize(Metric.of("latency@b")),
            Goal.minimize(Metric.of("bytes")));
    assertThat(RequestDefaults.fill(filled, List.of("c"))).isEqualTo(filled);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"seeed\":1} | seeed | seeed",
        "{\"minutes\":-1} | minutes | -1",
        "{\"budget\":{\"minuts\":1}} | budget.minuts | minuts",
        "{\"objectives\":[{\"maximise\":\"accuracy\"}]} | objectives[0] | maximize",
        "{\"objectives\":[{\"maximize\":\"a@b@c\"}]} | objectives[0].maximize | a@b@c",
        "{\"constraints\":[{\"metric\":\"accuracy\",\"atLeast\":90}]} | constraints[0] | percent",
        "{\"constraints\":{\"minAccuracy\":90}} | constraints.minAccuracy | 90",
        "{\"method\":{\"population\":3}} | method | name",
        "{\"forms\":[\"int8\",\"int8\"]} | forms | different",
        "{\"warmStart\":{\"search\":\"x\"}} | warmStart.search | x",
        "[] | request | object"
      })
  void wrongFields_areNamed(String json, String field, String text) {
    assertThatThrownBy(() -> RequestJson.read(json))
        .isInstanceOfSatisfying(
            InvalidSearch.class,
            refused -> {
              assertThat(refused.field()).isEqualTo(field);
              assertThat(refused).hasMessageContaining(text);
            });
  }
}
