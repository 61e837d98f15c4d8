package dev.lathe.farm.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Outcome;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FarmJsonTest {
  private final ObjectMapper mapper = FarmJson.mapper();

  private static Measurement measurement() {
    return Measurement.of(
        "onnxruntime 1.29.0",
        1,
        1,
        10,
        "quick",
        new double[] {0.2, 0.1, 0.4, 0.3},
        0.05,
        0.051,
        Instant.parse("2030-01-01T00:00:00Z"),
        Map.of("processor", "P"));
  }

  @Test
  void resultMessage_comesBackAsItWas() throws JsonProcessingException {
    for (Outcome outcome :
        new Outcome[] {
          new Outcome.Measured(measurement()), new Outcome.Failed(FailureKind.CRASHED, "why")
        }) {
      String json = mapper.writeValueAsString(ResultMessage.of(7, outcome));
      ResultMessage back = mapper.readValue(json, ResultMessage.class);
      assertThat(back.fencing()).isEqualTo(7);
      assertThat(back.outcome()).isEqualTo(outcome);
    }
  }

  @Test
  void resultMessage_hasTheFieldsOfTheProtocol() throws JsonProcessingException {
    String json =
        mapper.writeValueAsString(ResultMessage.of(7, new Outcome.Measured(measurement())));
    assertThat(json)
        .contains("\"fencing\":7", "\"p50\":0.25", "\"startedAt\":\"2030-01-01T00:00:00Z\"")
        .contains("\"samplesMillis\":[0.2,0.1,0.4,0.3]")
        .doesNotContain("failure");
  }

  @Test
  void leasedJob_comesBackAsItWas() throws JsonProcessingException {
    LeasedJob job =
        new LeasedJob(
            "j",
            2,
            "l",
            2,
            30,
            Instant.parse("2030-01-01T00:00:30Z"),
            "t",
            new LeasedJob.Model("a".repeat(64), 10, "/api/v1/leases/l/model"),
            MeasurementProtocol.quick(1));
    assertThat(mapper.readValue(mapper.writeValueAsString(job), LeasedJob.class)).isEqualTo(job);
  }

  @Test
  void measurement_whosePercentilesContradictItsSamples_isRefused() throws JsonProcessingException {
    String json = mapper.writeValueAsString(measurement()).replace("\"p90\":0.4", "\"p90\":0.1");
    assertThatThrownBy(() -> mapper.readValue(json, Measurement.class))
        .isInstanceOf(ValueInstantiationException.class)
        .hasMessageContaining("p90 of the measurement is 0.1, but its samples say 0.4");
  }

  @Test
  void result_withNeitherMeasurementNorFailure_isRefused() {
    assertThatThrownBy(() -> mapper.readValue("{\"fencing\":1}", ResultMessage.class))
        .hasMessageContaining("either a measurement or a failure");
  }
}
