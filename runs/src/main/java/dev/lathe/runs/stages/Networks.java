package dev.lathe.runs.stages;

import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import java.util.List;
import java.util.function.Supplier;

/**
 * The networks of a run's space with the weights that they have before any is trained for itself:
 * those of a supernet, or of a trained model that is cut.
 */
interface Networks {
  /**
   * A network that was evaluated.
   *
   * @param outline the network, of whose weights only the shapes count
   * @param accuracy that counts, on validation images
   * @param real makes the network with its weights; may be called by several threads
   */
  record Evaluated(OnnxGraph outline, CostReport cost, double accuracy, Supplier<OnnxGraph> real) {}

  /** Evaluates some networks, several at a time where that is quicker; in their order. */
  List<Evaluated> evaluate(List<Architecture> networks);

  /** A network with its weights. */
  OnnxGraph real(Architecture network);

  /** The accuracy that counts of a file, on validation images. */
  double accuracy(OnnxGraph file);
}
