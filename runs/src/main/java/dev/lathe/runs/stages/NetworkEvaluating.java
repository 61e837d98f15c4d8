package dev.lathe.runs.stages;

import dev.lathe.graph.NormStatistics;
import dev.lathe.graph.Subnet;
import dev.lathe.latency.Estimate;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.metric.Figure;
import dev.lathe.metric.Figure.Source;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.CandidateRecord.Status;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.WeightStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Figures of networks with a store of shared weights: accuracy on validation images, what the
 * devices' predictors say, and what follows from the graph. In a form other than float32 accuracy
 * is predicted, from what a few networks lost.
 */
final class NetworkEvaluating implements Evaluating {
  /** With which a form is written to see its kernels. */
  private static final int IMAGES = 8;

  private final Run run;
  private final Predictors predictors;
  private final FormProbe.Sizes sizes;
  private final FormErrors.Losses losses;
  private final WeightStore store;
  private final Evaluator evaluator;
  private final FormSpace space;

  /** Of the networks that were evaluated: accuracy, and what follows from the graph. */
  private final Map<Architecture, Known> known = new HashMap<>();

  private record Known(
      Subnet subnet, double accuracy, NormStatistics statistics, CostReport cost) {}

  /**
   * What predictors look at, by network and form. They were calibrated on files, so a form's
   * features are those of the network written in it.
   */
  private final Map<Architecture, FeatureVector> features = new HashMap<>();

  NetworkEvaluating(
      Run run,
      Predictors predictors,
      FormProbe.Sizes sizes,
      FormErrors.Losses losses,
      WeightStore store,
      Evaluator evaluator) {
    this.run = run;
    this.predictors = predictors;
    this.sizes = sizes;
    this.losses = losses;
    this.store = store;
    this.evaluator = evaluator;
    this.space = new FormSpace(run.space(), run.forms().active());
  }

  @Override
  public SearchSpace space() {
    return space.joint();
  }

  @Override
  public List<CandidateRecord> evaluate(List<Architecture> architectures) {
    LinkedHashSet<Architecture> fresh = new LinkedHashSet<>();
    for (Architecture architecture : architectures) {
      Architecture network = space.network(architecture);
      if (!known.containsKey(network)) {
        fresh.add(network);
      }
    }
    learn(List.copyOf(fresh));
    look(architectures);
    return architectures.stream().map(this::record).toList();
  }

  private void learn(List<Architecture> networks) {
    int together = run.workers().count();
    for (int from = 0; from < networks.size(); from += together) {
      run.control().checkpoint();
      List<Architecture> some = networks.subList(from, Math.min(networks.size(), from + together));
      List<Subnet> subnets = some.stream().map(run.space()::subnet).toList();
      List<Evaluator.Evaluation> evaluations = evaluator.evaluate(store, subnets);
      for (int i = 0; i < some.size(); i++) {
        known.put(
            some.get(i),
            new Known(
                subnets.get(i),
                DataFacts.headline(run.data(), evaluations.get(i).accuracy()),
                evaluations.get(i).statistics(),
                CostReport.of(subnets.get(i).outline(), 1)));
      }
    }
  }

  private void look(List<Architecture> architectures) {
    List<Architecture> fresh =
        architectures.stream().distinct().filter(one -> !features.containsKey(one)).toList();
    List<Callable<FeatureVector>> tasks = new ArrayList<>();
    for (Architecture architecture : fresh) {
      Known network = known.get(space.network(architecture));
      Form form = space.form(architecture);
      tasks.add(() -> features(network, form));
    }
    List<FeatureVector> found = run.workers().run(tasks);
    for (int i = 0; i < fresh.size(); i++) {
      features.put(fresh.get(i), found.get(i));
    }
  }

  private FeatureVector features(Known network, Form form) {
    if (form.isFloat32()) {
      return GraphFeatures.of(network.subnet().outline(), 1);
    }
    OnnxGraph real = network.subnet().export(store::values, network.statistics());
    TrainingImages images =
        new TrainingImages(run.data(), run.streams(), IMAGES, Evaluator.side(network.subnet()));
    return GraphFeatures.of(form.write(real, images, true), 1);
  }

  private CandidateRecord record(Architecture architecture) {
    Form form = space.form(architecture);
    Map<String, Figure> figures =
        figures(known.get(space.network(architecture)), form, features.get(architecture));
    boolean feasible = run.problem().feasible(figures);
    return new CandidateRecord(
        architecture,
        space.joint().describe(architecture),
        feasible ? Status.OK : Status.INFEASIBLE,
        figures,
        run.problem().costs(figures),
        Optional.empty());
  }

  private Map<String, Figure> figures(Known network, Form form, FeatureVector features) {
    List<Figure> figures = new ArrayList<>();
    Metric accuracy = Metric.of(Quantity.ACCURACY);
    FormErrors.Loss loss = losses.of(form);
    figures.add(
        form.isFloat32()
            ? Figure.measured(accuracy, network.accuracy())
            : new Figure(
                accuracy,
                network.accuracy() - loss.mean(),
                network.accuracy() - loss.most(),
                network.accuracy() - loss.least(),
                Source.PREDICTED));
    predictors
        .all()
        .forEach(
            (slot, predictor) -> {
              if (slot.form().equals(form)) {
                Estimate estimate = predictor.predict(features);
                figures.add(
                    new Figure(
                        slot.metric(),
                        estimate.millis(),
                        estimate.lower(),
                        estimate.upper(),
                        Source.PREDICTED));
              }
            });
    FormProbe.Size size = sizes.byForm().get(form.name());
    double bytes = size.of(network.cost().parameterBytes());
    figures.add(
        new Figure(
            Metric.of(Quantity.BYTES),
            bytes,
            bytes * (1 - size.residual()),
            bytes * (1 + size.residual()),
            Source.PREDICTED));
    figures.add(Figure.measured(Metric.of(Quantity.PARAMETERS), network.cost().parameters()));
    figures.add(Figure.measured(Metric.of(Quantity.MACS), network.cost().macs()));
    Map<String, Figure> byName = new LinkedHashMap<>();
    figures.forEach(figure -> byName.put(figure.metric().name(), figure));
    return byName;
  }
}
