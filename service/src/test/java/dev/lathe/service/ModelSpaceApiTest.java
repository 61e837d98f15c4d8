package dev.lathe.service;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.lathe.onnx.Attribute;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import dev.lathe.onnx.ValueInfo;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A model that was sent as the space of a search; nothing else of the machine can be named. */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
public class ModelSpaceApiTest {
  /** A classifier of eight classes, of images of 8 × 8 pixels. */
  public static byte[] model(int channels) {
    OnnxGraph graph = OnnxGraph.create("small", 17);
    graph.addInput(
        new ValueInfo(
            "image",
            ElementType.FLOAT,
            List.of(Dimension.of("N"), Dimension.of(channels), Dimension.of(8), Dimension.of(8))));
    graph.addInitializer(TensorValue.floats("w", new float[8 * channels], 8, channels, 1, 1));
    graph.add(OnnxNode.of("Conv", "conv", List.of("image", "w"), List.of("c")));
    graph.add(OnnxNode.of("GlobalAveragePool", "pool", List.of("c"), List.of("p")));
    graph.add(
        OnnxNode.of(
            "Flatten", "flatten", List.of("p"), List.of("y"), Attribute.integer("axis", 1)));
    graph.addOutput(
        new ValueInfo("y", ElementType.FLOAT, List.of(Dimension.of("N"), Dimension.of(8))));
    return graph.toBytes();
  }

  private static String sent(int channels) {
    return given()
        .contentType("application/onnx")
        .body(model(channels))
        .post("/api/v1/compressions/models")
        .then()
        .statusCode(200)
        .extract()
        .path("sha256");
  }

  private static ValidatableResponse check(String model, String more) {
    return given()
        .contentType(ContentType.JSON)
        .body("{\"space\":{\"model\":\"%s\"}%s}".formatted(model, more))
        .post("/api/v1/searches/check")
        .then();
  }

  @Test
  void modelThatWasSent_isTheSpace_namedByItsHashAlone() {
    String reference = "sha256:" + sent(3);
    check(reference, "")
        .statusCode(200)
        .body("space.model", equalTo(reference))
        .body("space.size()", equalTo(1))
        .body("method.name", equalTo("predictor"));
    check(reference, ",\"method\":{\"name\":\"single-path\"}")
        .statusCode(400)
        .body("errors.method", containsString("cannot search this"));
  }

  @Test
  void whatWasNotSent_isNoSpace() {
    for (String wrong : List.of("/etc/hostname", "../keys/agent.key", "sha256:" + "0".repeat(64))) {
      check(wrong, "")
          .statusCode(400)
          .body("errors.'space.model'", containsString("hash of a model that was sent"));
    }
  }

  @Test
  void modelOfOtherInputs_isRefusedBeforeTheStart() {
    check("sha256:" + sent(1), "")
        .statusCode(400)
        .body("errors.'space.model'", containsString("red, green and blue"));
  }
}
