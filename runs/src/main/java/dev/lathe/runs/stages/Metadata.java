package dev.lathe.runs.stages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.data.DataSet;
import dev.lathe.onnx.OnnxGraph;
import java.util.Map;

/**
 * What an ONNX file says of itself: how to prepare its input, what its outputs mean, its origin.
 */
record Metadata(Run run, int side) {
  void write(OnnxGraph onnx, Finishing.Network network, String precision) {
    DataSet data = run.data();
    Map<String, String> metadata = onnx.metadata();
    ObjectNode preprocessing = Facts.JSON.createObjectNode();
    preprocessing.put("height", side).put("width", side);
    preprocessing.put("channelOrder", data.shape().channels() == 3 ? "RGB" : "grey");
    preprocessing.put("layout", "NCHW").put("scale", 1 / 255.0);
    preprocessing.set("mean", Facts.JSON.valueToTree(data.normalization().mean()));
    preprocessing.set("std", Facts.JSON.valueToTree(data.normalization().std()));
    metadata.put("lathe.preprocessing", preprocessing.toString());
    metadata.put("lathe.classes", Facts.write(data.classes()));
    ObjectNode provenance = Facts.JSON.createObjectNode();
    provenance.put("lathe", Version.current()).put("precision", precision);
    provenance.put("network", network.name()).put("seed", run.request().seed());
    provenance.put("data", data.name()).put("dataSha256", data.sha256());
    if (!network.labels().isEmpty()) {
      provenance.put("space", run.space().name());
      ObjectNode architecture = provenance.putObject("architecture");
      new java.util.TreeMap<>(network.labels()).forEach(architecture::put);
      run.store().supernet().ifPresent(s -> provenance.put("supernetSteps", s.steps()));
      provenance.put("supernetLesson", Settings.nameOf(run.settings().lesson()));
    }
    provenance.put("soloSteps", network.effort().steps());
    metadata.put("lathe.provenance", provenance.toString());
  }
}
