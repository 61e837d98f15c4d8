package dev.lathe.runs.stages;

import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import dev.lathe.supernet.Evaluator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What accuracy networks lose in a form, from a few networks with the weights that the search
 * knows: the mean of what these lost, and from the least to the most as its interval.
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

  Losses run(Networks networks) {
    List<Form> forms = run.forms().active().stream().filter(form -> !form.isFloat32()).toList();
    return forms.isEmpty()
        ? new Losses(Map.of())
        : run.facts().once(ERRORS, Losses.class, () -> measure(forms, networks));
  }

  private Losses measure(List<Form> forms, Networks networks) {
    Map<String, List<Double>> lost = new LinkedHashMap<>();
    List<Architecture> drawn = MacsSpread.draw(run.space(), NETWORKS, run.streams().at("forms", 1));
    for (Architecture architecture : drawn) {
      OnnxGraph real = networks.real(architecture);
      TrainingImages images =
          new TrainingImages(run.data(), run.streams(), IMAGES, Evaluator.side(real));
      double exact = networks.accuracy(real);
      for (Form form : forms) {
        run.control().checkpoint();
        lost.computeIfAbsent(form.name(), _ -> new ArrayList<>())
            .add(exact - networks.accuracy(form.write(real, images, false)));
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
}
