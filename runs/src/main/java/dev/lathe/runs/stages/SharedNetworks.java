package dev.lathe.runs.stages;

import dev.lathe.graph.Subnet;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.WeightStore;
import java.util.ArrayList;
import java.util.List;

/** Networks with slices of shared weights, and statistics of their own. */
record SharedNetworks(Run run, WeightStore store, Evaluator evaluator) implements Networks {
  @Override
  public List<Evaluated> evaluate(List<Architecture> networks) {
    List<Subnet> subnets = networks.stream().map(run.space()::subnet).toList();
    List<Evaluator.Evaluation> evaluations = evaluator.evaluate(store, subnets);
    List<Evaluated> evaluated = new ArrayList<>();
    for (int i = 0; i < subnets.size(); i++) {
      Subnet subnet = subnets.get(i);
      Evaluator.Evaluation evaluation = evaluations.get(i);
      evaluated.add(
          new Evaluated(
              subnet.outline(),
              CostReport.of(subnet.outline(), 1),
              DataFacts.headline(run.data(), evaluation.accuracy()),
              () -> subnet.export(store::values, evaluation.statistics())));
    }
    return evaluated;
  }

  @Override
  public OnnxGraph real(Architecture network) {
    Subnet subnet = run.space().subnet(network);
    return subnet.export(store::values, evaluator.statistics(store, subnet));
  }

  @Override
  public double accuracy(OnnxGraph file) {
    return DataFacts.headline(run.data(), evaluator.accuracy(file.toBytes(), Evaluator.side(file)));
  }
}
