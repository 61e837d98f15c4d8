package dev.lathe.runs.stages;

import dev.lathe.compress.CompressionException;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementOutcome.Measured;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.space.Architecture;
import dev.lathe.space.MacsSpread;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes a few networks in each form before anything is trained: how large files of a form are
 * follows from these, and a form whose files are neither faster on a device of the run nor smaller
 * than float32 is dropped, with the reason, before it costs more.
 */
final class FormProbe {
  private static final int NETWORKS = 6;
  private static final int MEASURED = 3;

  /** What is nearer to float32 than this share is no gain. */
  private static final double LEAST_GAIN = 0.02;

  private static final String SIZES = "forms.sizes";

  private final Run run;

  FormProbe(Run run) {
    this.run = run;
  }

  /**
   * Bytes of a file as a line over the bytes of the float32 constants.
   *
   * @param residual largest distance of a probe from the line, as a share
   */
  record Size(double fixed, double perByte, double residual) {
    double of(double parameterBytes) {
      return fixed + perByte * parameterBytes;
    }
  }

  /** All sizes, by form. */
  record Sizes(Map<String, Size> byForm) {}

  private record Probe(double parameterBytes, Map<Form, CalibrationFiles.Made> made) {}

  /** The sizes of files; probed and noted once. */
  Sizes run() {
    return run.facts().once(SIZES, Sizes.class, this::probe);
  }

  private Sizes probe() {
    Map<String, String> dropped = new LinkedHashMap<>();
    List<Probe> probes = probes(dropped);
    Map<String, Size> sizes = new LinkedHashMap<>();
    for (Form form : run.forms().asked()) {
      if (!dropped.containsKey(form.name())) {
        sizes.put(form.name(), size(form, probes));
      }
    }
    List<Form> others =
        run.forms().asked().stream()
            .filter(form -> !Form.USUAL.contains(form) && !dropped.containsKey(form.name()))
            .toList();
    if (!others.isEmpty()) {
      dropped.putAll(withoutGain(others, probes));
    }
    if (!dropped.isEmpty()) {
      if (dropped.size() == run.forms().asked().size()) {
        throw new CompressionException("no form can be written: " + dropped);
      }
      run.forms().drop(dropped);
    }
    return new Sizes(sizes);
  }

  private List<Probe> probes(Map<String, String> dropped) {
    List<Probe> probes = new ArrayList<>();
    List<Architecture> networks =
        MacsSpread.draw(run.space(), NETWORKS, run.streams().at("forms", 0));
    List<Form> forms = new ArrayList<>(run.forms().asked());
    if (!forms.contains(Form.FLOAT32)) {
      forms.addFirst(Form.FLOAT32);
    }
    try (CalibrationFiles files = new CalibrationFiles(run)) {
      for (int i = 0; i < networks.size(); i++) {
        Map<Form, CalibrationFiles.Made> made = new LinkedHashMap<>();
        for (Form form : forms) {
          run.control().checkpoint();
          if (dropped.containsKey(form.name())) {
            continue;
          }
          try {
            made.putAll(files.of(networks.get(i), i, List.of(form)));
          } catch (CompressionException e) {
            dropped.put(
                form.name(), "networks of this space cannot be written so: " + e.getMessage());
          }
        }
        OnnxGraph real = OnnxGraph.parse(made.get(Form.FLOAT32).file());
        probes.add(new Probe(CostReport.of(real, 1).parameterBytes(), made));
      }
    }
    return probes;
  }

  /** The line through the probes by least squares. */
  private static Size size(Form form, List<Probe> probes) {
    double n = probes.size();
    double meanX = probes.stream().mapToDouble(Probe::parameterBytes).sum() / n;
    double meanY = probes.stream().mapToDouble(p -> p.made().get(form).file().length).sum() / n;
    double xx = 0;
    double xy = 0;
    for (Probe probe : probes) {
      double x = probe.parameterBytes() - meanX;
      xx += x * x;
      xy += x * (probe.made().get(form).file().length - meanY);
    }
    double slope = xx == 0 ? 0 : Math.max(0, xy / xx);
    Size line = new Size(meanY - slope * meanX, slope, 0);
    double residual =
        probes.stream()
            .mapToDouble(
                p -> Math.abs(p.made().get(form).file().length / line.of(p.parameterBytes()) - 1))
            .max()
            .orElse(0);
    return new Size(line.fixed(), line.perByte(), residual);
  }

  /** Why forms gain nothing over float32, by name. */
  private Map<String, String> withoutGain(List<Form> forms, List<Probe> probes) {
    Map<String, Map<Form, Double>> speed = speed(forms, probes);
    boolean sizeCounts =
        run.problem().metrics().contains(Metric.of(Quantity.BYTES))
            || run.problem().metrics().contains(Metric.of(Quantity.PARAMETERS));
    Map<String, String> reasons = new LinkedHashMap<>();
    for (Form form : forms) {
      double smaller =
          probes.stream()
              .mapToDouble(
                  p ->
                      (double) p.made().get(form).file().length
                          / p.made().get(Form.FLOAT32).file().length)
              .average()
              .orElse(1);
      List<String> figures = new ArrayList<>();
      boolean faster = false;
      for (Map.Entry<String, Map<Form, Double>> device : speed.entrySet()) {
        Double ratio = device.getValue().get(form);
        if (ratio == null) {
          figures.add("does not run on " + device.getKey());
        } else {
          faster |= ratio < 1 - LEAST_GAIN;
          figures.add("%.2f of the time on %s".formatted(ratio, device.getKey()));
        }
      }
      figures.add("%.2f of the bytes".formatted(smaller));
      boolean runs = speed.values().stream().allMatch(ratios -> ratios.containsKey(form));
      boolean gains = faster || (sizeCounts && smaller < 1 - LEAST_GAIN);
      if (!runs || !gains) {
        reasons.put(form.name(), "gains nothing over float32: " + String.join(", ", figures));
      }
    }
    return reasons;
  }

  /** Latency over that of float32, by device and form: the mean over the probes measured. */
  private Map<String, Map<Form, Double>> speed(List<Form> forms, List<Probe> probes) {
    List<Form> measured = new ArrayList<>(List.of(Form.FLOAT32));
    measured.addAll(forms);
    List<MeasurementRequest> requests = new ArrayList<>();
    for (DeviceRecord device : run.measurements().devices()) {
      for (int i = 0; i < MEASURED; i++) {
        for (Form form : measured) {
          requests.add(
              new MeasurementRequest(
                  "form-%s-%d".formatted(form, i),
                  device.name(),
                  probes.get(i * (probes.size() / MEASURED)).made().get(form).file(),
                  form.name(),
                  "quick"));
        }
      }
    }
    List<MeasurementOutcome> outcomes = run.measurements().measure(requests);
    Map<String, Map<Form, Double>> speed = new LinkedHashMap<>();
    int at = 0;
    for (DeviceRecord device : run.measurements().devices()) {
      Map<Form, List<Double>> ratios = new HashMap<>();
      Set<Form> failed = new java.util.HashSet<>();
      for (int i = 0; i < MEASURED; i++) {
        double real = Double.NaN;
        for (Form form : measured) {
          if (outcomes.get(at++) instanceof Measured one) {
            real = form.isFloat32() ? one.p50Millis() : real;
            ratios.computeIfAbsent(form, _ -> new ArrayList<>()).add(one.p50Millis() / real);
          } else {
            failed.add(form);
          }
        }
      }
      Map<Form, Double> means = new LinkedHashMap<>();
      ratios.forEach(
          (form, values) -> {
            double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(1);
            if (!failed.contains(form) && Double.isFinite(mean)) {
              means.put(form, mean);
            }
          });
      speed.put(device.name(), means);
    }
    return speed;
  }
}
