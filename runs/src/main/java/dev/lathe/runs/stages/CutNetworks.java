package dev.lathe.runs.stages;

import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.slim.SortedModel;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.Evaluator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/** Cuts of a trained model, what reads the cut channels fitted again, nothing trained. */
final class CutNetworks implements Networks {
  private final Run run;
  private final SortedModel model;
  private final Evaluator evaluator;

  CutNetworks(Run run, SortedModel model, Evaluator evaluator) {
    this.run = run;
    this.model = model;
    this.evaluator = evaluator;
  }

  @Override
  public List<Evaluated> evaluate(List<Architecture> networks) {
    List<Callable<Double>> tasks = new ArrayList<>();
    for (Architecture network : networks) {
      tasks.add(() -> accuracy(real(network)));
    }
    List<Double> accuracies = run.workers().run(tasks);
    List<Evaluated> evaluated = new ArrayList<>();
    for (int i = 0; i < networks.size(); i++) {
      Architecture network = networks.get(i);
      OnnxGraph outline = model.outline(network);
      evaluated.add(
          new Evaluated(
              outline, CostReport.of(outline, 1), accuracies.get(i), () -> real(network)));
    }
    return evaluated;
  }

  /** One at a time: what was fitted is kept for the next. */
  @Override
  public synchronized OnnxGraph real(Architecture network) {
    return model.graph(network);
  }

  @Override
  public double accuracy(OnnxGraph file) {
    return DataFacts.headline(run.data(), evaluator.accuracy(file.toBytes(), Evaluator.side(file)));
  }
}
