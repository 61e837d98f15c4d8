package dev.lathe.runs.stages;

import dev.lathe.graph.Subnet;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.WeightStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What accuracy networks lose in a form, from a few networks with the supernet's weights: the mean
 * of what these lost, and from the least to the most as its interval.
 */
final class FormErrors {
  private static final int NETWORKS = 4;
  private static final int IMAGES = 64;
  private static final String ERRORS = "forms.errors";

  private final Run run;

  FormErrors(Run run) {
    this.run = run;
  }

  /** Accuracy lost, as a share; negative where some was won. */
  record Loss(double mean, double least, double most) {
    static final Loss NONE = new Loss(0, 0, 0);
  }

  /** All losses, by form. */
  record Losses(Map<String, Loss> byForm) {
    Loss of(Form form) {
      return byForm.getOrDefault(form.name(), Loss.NONE);
    }
  }

  Losses run(WeightStore store, Evaluator evaluator) {
    List<Form> forms = run.forms().active().stream().filter(form -> !form.isFloat32()).toList();
    return forms.isEmpty()
        ? new Losses(Map.of())
        : run.facts().once(ERRORS, Losses.class, () -> measure(forms, store, evaluator));
  }

  private Losses measure(List<Form> forms, WeightStore store, Evaluator evaluator) {
    Map<String, List<Double>> lost = new LinkedHashMap<>();
    List<Architecture> networks =
        MacsSpread.draw(run.space(), NETWORKS, run.streams().at("forms", 1));
    for (Architecture architecture : networks) {
      Subnet network = run.space().subnet(architecture);
      int side = Evaluator.side(network);
      OnnxGraph real = network.export(store::values, evaluator.statistics(store, network));
      TrainingImages images = new TrainingImages(run.data(), run.streams(), IMAGES, side);
      double exact = accuracy(real, side, evaluator);
      for (Form form : forms) {
        run.control().checkpoint();
        lost.computeIfAbsent(form.name(), _ -> new ArrayList<>())
            .add(exact - accuracy(form.write(real, images, false), side, evaluator));
      }
    }
    Map<String, Loss> losses = new LinkedHashMap<>();
    lost.forEach(
        (form, values) ->
            losses.put(
                form,
                new Loss(
                    values.stream().mapToDouble(Double::doubleValue).average().orElse(0),
                    values.stream().mapToDouble(Double::doubleValue).min().orElse(0),
                    values.stream().mapToDouble(Double::doubleValue).max().orElse(0))));
    return new Losses(losses);
  }

  private double accuracy(OnnxGraph model, int side, Evaluator evaluator) {
    return DataFacts.headline(run.data(), evaluator.accuracy(model.toBytes(), side));
  }
}
