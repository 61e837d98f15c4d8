package dev.lathe.latency.cost;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.latency.GraphLatencyPredictor;
import dev.lathe.onnx.OnnxGraph;

/** Predicts one cost of a graph. */
public interface CostPredictor {
  /** Which cost, and so in which unit. */
  Cost cost();

  /**
   * The estimate for a graph.
   *
   * @param batch size of the inputs' first dimension where the graph leaves it open
   * @throws dev.lathe.onnx.OnnxException if a shape cannot be inferred
   */
  CostEstimate predict(OnnxGraph graph, long batch);

  /** The latency on a calibrated device. */
  static CostPredictor latency(GraphLatencyPredictor predictor) {
    return new CostPredictor() {
      @Override
      public Cost cost() {
        return Cost.LATENCY_MILLIS;
      }

      @Override
      public CostEstimate predict(OnnxGraph graph, long batch) {
        Estimate estimate = predictor.predict(GraphFeatures.of(graph, batch));
        return new CostEstimate(cost(), estimate.millis(), estimate.lower(), estimate.upper());
      }
    };
  }

  /** The size of the file: exact, it needs no device. */
  static CostPredictor fileSize() {
    return new CostPredictor() {
      @Override
      public Cost cost() {
        return Cost.FILE_BYTES;
      }

      @Override
      public CostEstimate predict(OnnxGraph graph, long batch) {
        int bytes = graph.toBytes().length;
        return new CostEstimate(cost(), bytes, bytes, bytes);
      }
    };
  }
}
