package dev.lathe.runs.stages;

import dev.lathe.latency.Estimate;
import dev.lathe.latency.FeatureVector;
import dev.lathe.latency.GraphFeatures;
import dev.lathe.metric.Figure;
import dev.lathe.metric.Figure.Source;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.CandidateRecord.Status;
import dev.lathe.space.Architecture;
import dev.lathe.space.SearchSpace;
import dev.lathe.supernet.Evaluator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Figures of networks as the search knows them: accuracy on validation images, what the devices'
 * predictors say, and what follows from the graph. In a form other than float32 accuracy is
 * predicted, from what a few networks lost.
 */
final class NetworkEvaluating implements Evaluating {
  /** With which a form is written to see its kernels. */
  private static final int IMAGES = 8;

  private final Run run;
  private final Predictors predictors;
  private final FormProbe.Sizes sizes;
  private final FormErrors.Losses losses;
  private final Networks networks;
  private final FormSpace space;
  private final Map<Architecture, Networks.Evaluated> known = new HashMap<>();

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
      Networks networks) {
    this.run = run;
    this.predictors = predictors;
    this.sizes = sizes;
    this.losses = losses;
    this.networks = networks;
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

  private void learn(List<Architecture> fresh) {
    int together = run.workers().count();
    for (int from = 0; from < fresh.size(); from += together) {
      run.control().checkpoint();
      List<Architecture> some = fresh.subList(from, Math.min(fresh.size(), from + together));
      List<Networks.Evaluated> evaluated = networks.evaluate(some);
      for (int i = 0; i < some.size(); i++) {
        known.put(some.get(i), evaluated.get(i));
      }
    }
  }

  private void look(List<Architecture> architectures) {
    List<Architecture> fresh =
        architectures.stream().distinct().filter(one -> !features.containsKey(one)).toList();
    List<Callable<FeatureVector>> tasks = new ArrayList<>();
    for (Architecture architecture : fresh) {
      Networks.Evaluated network = known.get(space.network(architecture));
      Form form = space.form(architecture);
      tasks.add(() -> features(network, form));
    }
    List<FeatureVector> found = run.workers().run(tasks);
    for (int i = 0; i < fresh.size(); i++) {
      features.put(fresh.get(i), found.get(i));
    }
  }

  private FeatureVector features(Networks.Evaluated network, Form form) {
    if (form.isFloat32()) {
      return GraphFeatures.of(network.outline(), 1);
    }
    OnnxGraph real = network.real().get();
    TrainingImages images =
        new TrainingImages(run.data(), run.streams(), IMAGES, Evaluator.side(real));
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

  private Map<String, Figure> figures(
      Networks.Evaluated network, Form form, FeatureVector features) {
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
