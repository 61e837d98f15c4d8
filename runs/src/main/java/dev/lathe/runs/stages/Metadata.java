package dev.lathe.runs.stages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.data.DataSet;
import dev.lathe.data.picture.Preprocessing;
import dev.lathe.onnx.OnnxGraph;
import java.util.Map;

/**
 * What an ONNX file says of itself: how to prepare its input, what its outputs mean, its origin.
 */
record Metadata(Run run, int side) {
  void write(OnnxGraph onnx, Finishing.Network network, String precision) {
    DataSet data = run.data();
    Map<String, String> metadata = onnx.metadata();
    metadata.put(
        Preprocessing.KEY,
        Preprocessing.of(side, data.normalization().mean(), data.normalization().std()).toJson());
    metadata.put("lathe.classes", Facts.write(data.classes()));
    ObjectNode provenance = Facts.JSON.createObjectNode();
    provenance.put("lathe", Version.current()).put("precision", precision);
    provenance.put("network", network.key()).put("seed", run.request().seed());
    provenance.put("data", data.name()).put("dataSha256", data.sha256());
    if (!network.labels().isEmpty()) {
      provenance.put("space", run.space().name());
      ObjectNode architecture = provenance.putObject("architecture");
      new java.util.TreeMap<>(network.labels()).forEach(architecture::put);
      run.store().supernet().ifPresent(s -> provenance.put("supernetSteps", s.steps()));
      if (run.model().isEmpty()) {
        provenance.put("supernetLesson", Settings.nameOf(run.settings().lesson()));
      }
    }
    provenance.put("soloSteps", network.effort().steps());
    metadata.put("lathe.provenance", provenance.toString());
  }
}
