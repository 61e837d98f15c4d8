package dev.lathe.supernet;

import dev.lathe.graph.NetworkGraph;
import dev.lathe.graph.NormStatistics;
import dev.lathe.graph.OnnxExporter;
import dev.lathe.graph.WeightRef;
import dev.lathe.onnx.OnnxGraph;

/**
 * A network ready to run: its graph, the store its weights lie in, and batch-norm statistics of its
 * own.
 */
public record Subnet(NetworkGraph graph, WeightStore store, NormStatistics statistics) {
  /** The network as an ONNX graph, batch norms folded. */
  public OnnxGraph export(String name) {
    return OnnxExporter.export(
        graph,
        name,
        new OnnxExporter.Source() {
          @Override
          public float[] values(WeightRef reference) {
            return store.values(reference);
          }

          @Override
          public NormStatistics statistics() {
            return statistics;
          }
        });
  }
}
