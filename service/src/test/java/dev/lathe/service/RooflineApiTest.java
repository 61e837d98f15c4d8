package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.lathe.latency.FusedKernels;
import dev.lathe.latency.Kernel;
import dev.lathe.latency.Roofline;
import dev.lathe.latency.RooflineProbes;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.MeasurementRow;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.Transactions;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(LatheTestResource.class)
class RooflineApiTest {
  private static final Roofline DEVICE = new Roofline(30e6, 8e6, 0.0008, 0);

  @Inject ArtifactFiles files;

  private static DeviceRow device(String name) {
    return Transactions.call(
        () -> {
          DeviceRow row = new DeviceRow();
          row.name = name;
          row.backend = "test";
          row.host = "elsewhere";
          row.runtime = "test 1";
          row.processor = "p";
          row.threads = 1;
          row.version = "1";
          row.health = dev.lathe.farm.device.Health.GOOD;
          row.registeredAt = Instant.now();
          row.lastSeenAt = Instant.now();
          row.persist();
          return row;
        });
  }

  private void measured(long device, OnnxGraph graph) {
    double millis = DEVICE.predict(FusedKernels.of(graph, 1)).millis();
    String sha256 = files.put(graph.toBytes());
    Transactions.run(
        () -> {
          MeasurementRow row = new MeasurementRow();
          row.deviceId = device;
          row.key = sha256;
          row.precision = "float32";
          row.modelSha256 = sha256;
          row.runtime = "test 1";
          row.threads = 1;
          row.batch = 1;
          row.warmups = 10;
          row.protocol = "quick";
          row.samplesMillis = new double[] {millis};
          row.p50Millis = millis;
          row.p90Millis = millis;
          row.p99Millis = millis;
          row.sentinelBeforeMillis = 1;
          row.sentinelAfterMillis = 1;
          row.persist();
        });
  }

  @Test
  void deviceWithMeasurements_hasTheRooflineThatExplainsThem() throws Exception {
    DeviceRow device = device("roofline-device");
    List<OnnxGraph> probes = RooflineProbes.graphs();
    probes.forEach(probe -> measured(device.number(), probe));
    var answer = get("/api/v1/devices/" + device.number() + "/roofline");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.jsonPath().getDouble("macsPerMilli") / DEVICE.macsPerMilli())
        .isCloseTo(1, within(0.05));
    assertThat(answer.jsonPath().getInt("measurements")).isEqualTo(probes.size());

    OnnxGraph graph = probes.get(1);
    List<Kernel> kernels = FusedKernels.of(graph, 1);
    long artifact = artifact(graph);
    get("/api/v1/artifacts/%d/roofline?device=roofline-device".formatted(artifact))
        .then()
        .statusCode(200)
        .body("layers.size()", equalTo(kernels.size()))
        .body("layers[0].precision", equalTo("float32"));
    get("/api/v1/artifacts/%d/roofline?device=nobody".formatted(artifact))
        .then()
        .statusCode(404)
        .body("detail", containsString("'nobody'"));
    get("/api/v1/artifacts/%d/roofline".formatted(artifact)).then().statusCode(400);
  }

  private long artifact(OnnxGraph graph) {
    byte[] bytes = graph.toBytes();
    String sha256 = files.put(bytes);
    String search = SearchApiTest.launch("{\"data\": \"builtin\", \"name\": \"roofline\"}");
    return Transactions.call(
        () -> {
          ArtifactRow row = new ArtifactRow();
          row.searchId = SearchRow.<SearchRow>findById(Long.valueOf(search)).number();
          row.key = "roofline";
          row.kind = ArtifactRecord.Kind.MEMBER;
          row.name = "roofline";
          row.mediaType = ArtifactRecord.ONNX;
          row.sha256 = sha256;
          row.bytes = bytes.length;
          row.createdAt = Instant.now();
          row.persist();
          return row.number();
        });
  }

  @Test
  void deviceWithoutMeasurements_saysWhatIsMissing() {
    long device = device("bare-device").number();
    get("/api/v1/devices/" + device + "/roofline")
        .then()
        .statusCode(404)
        .body("detail", containsString("0 measured float32 networks"));
    get("/api/v1/devices/" + device + "/roofline?precision=int3")
        .then()
        .statusCode(400)
        .body("detail", containsString("'int3'"));
    get("/api/v1/devices/999999/roofline").then().statusCode(404);
  }
}
