package dev.lathe.cli.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.latency.RooflineProbes;
import dev.lathe.onnx.Dimension;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.ValueInfo;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class InspectCommandTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    return new CommandLine(new InspectCommand())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }

  @Test
  void localDevice_saysWhereTheTimeGoes() throws Exception {
    OnnxGraph graph = RooflineProbes.graphs().get(1);
    Path model = folder.resolve("model.onnx");
    Path json = folder.resolve("report.json");
    graph.write(model);
    assertThat(run(model.toString(), "--device", "local", "--json", json.toString()))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).contains("Where the time goes on 'local'", "dense", "measured");
    JsonNode time = new ObjectMapper().readTree(json.toFile()).path("deviceTime");
    assertThat(time.path("measuredMillis").asDouble()).isPositive();
    JsonNode roofline = time.path("roofline");
    double sum = 0;
    for (JsonNode layer : roofline.path("layers")) {
      sum += layer.path("share").asDouble();
    }
    assertThat(sum).isCloseTo(1, within(1e-9));
    assertThat(roofline.path("efficiency").asDouble()).isBetween(0.0, 1.0);
  }

  @Test
  void shapeThatIsAnInput_isTriedWithOnes() {
    OnnxGraph graph = OnnxGraph.create("expanded", 17);
    graph.addInput(new ValueInfo("x", ElementType.FLOAT, List.of(Dimension.of(1))));
    graph.addInput(new ValueInfo("shape", ElementType.INT64, List.of(Dimension.of(2))));
    graph.add(OnnxNode.of("Expand", "e", List.of("x", "shape"), List.of("y")));
    graph.addOutput(ValueInfo.unranked("y", ElementType.FLOAT));
    Path model = folder.resolve("model.onnx");
    graph.write(model);
    assertThat(run(model.toString())).as(err.toString()).isZero();
    assertThat(out.toString()).contains("Expand");
  }

  @Test
  void deviceThatNobodyServes_isAnError() {
    Path model = folder.resolve("model.onnx");
    RooflineProbes.graphs().getFirst().write(model);
    assertThat(run(model.toString(), "--device", "phone", "--url", "http://127.0.0.1:1"))
        .isEqualTo(1);
  }
}
