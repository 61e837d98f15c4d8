package dev.lathe.farm.fpga;

import dev.lathe.compress.fixed.FixedNetwork;
import dev.lathe.compress.fixed.FixedOnnxReader;
import dev.lathe.compress.fixed.FixedPoint;
import dev.lathe.compress.fixed.FixedSettings;
import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.FailureKind;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.Reality;
import dev.lathe.farm.SentinelModel;
import dev.lathe.farm.Verdict;
import dev.lathe.farm.ort.MachineFacts;
import dev.lathe.onnx.OnnxGraph;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A systolic array that exists as a design alone. A file in fixed point is executed bit by bit; of
 * a file in floating point, which an array cannot execute, what its 8-bit form would take is
 * counted: cycles follow from shapes, not from weights. Its figures are counted, so that a repeat
 * gives the same ones and one sample says it all; as many as the protocol asks for are reported.
 */
final class FpgaBackend implements MeasurementBackend {
  private static final long SEED = 1;
  private static final int SHOWN = 16;

  /** Multiplications that executing a network bit by bit may take here. */
  private static final long MOST_MACS = 4_000_000_000L;

  private final ArrayDesign design;
  private final SystolicArray array;
  private final double sentinelMillis;
  private final DeviceFacts facts;

  FpgaBackend(ArrayDesign design) {
    this.design = design;
    this.array = new SystolicArray(design);
    this.sentinelMillis =
        exactFigures(design, OnnxGraph.parse(SentinelModel.bytes())).get("latency");
    this.facts =
        new DeviceFacts(
            FpgaFactory.NAME,
            Reality.SIMULATED,
            "systolic 1",
            MachineFacts.host(),
            "simulated %d x %d int8 systolic array at %s MHz%s"
                .formatted(
                    design.rows(),
                    design.columns(),
                    design.megahertz(),
                    design.hot() == 0 ? "" : ", " + design.hot() + " powers of two a weight"),
            design.activationBytes() + design.weightBytes(),
            1,
            List.of("fixed"),
            List.of("latency", "throughput", "cycles", "dsp", "bram", "adders", "traffic"),
            false,
            design.facts());
  }

  @Override
  public DeviceFacts facts() {
    return facts;
  }

  @Override
  public Measurement measure(Path onnx, MeasurementProtocol protocol)
      throws MeasurementFailed, InterruptedException {
    if (!Files.isReadable(onnx)) {
      throw refused(onnx, "cannot be read. Maybe the path is wrong", null);
    }
    SystolicArray.Run run;
    boolean exact;
    double step = 0;
    try {
      OnnxGraph graph = OnnxGraph.read(onnx);
      exact = FixedOnnxReader.isFixed(graph);
      if (exact) {
        FixedNetwork network = FixedOnnxReader.read(graph);
        step = network.output().format().step();
        run = execute(onnx, network);
      } else {
        run = new SystolicArray.Run(new int[0], counts(design, graph));
      }
    } catch (RuntimeException e) {
      throw refused(onnx, String.valueOf(e.getMessage()), e);
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while '%s' was simulated".formatted(onnx));
    }
    double[] samples = new double[protocol.minSamples()];
    Arrays.fill(samples, design.millis(run.cycles()));
    Map<String, String> environment = new TreeMap<>(facts.more());
    environment.put("processor", facts.processor());
    environment.put("reality", facts.reality().word());
    environment.put(
        "executed",
        exact ? "the file's integers" : "nothing: what its 8-bit form would take was counted");
    if (exact) {
      double unit = step;
      environment.put(
          Measurement.OUTPUT,
          Measurement.output(
              Arrays.stream(run.output()).limit(SHOWN).mapToDouble(q -> q * unit).toArray()));
    }
    return Measurement.of(
            facts.runtime(),
            1,
            1,
            protocol.warmups(),
            protocol.name(),
            samples,
            sentinelMillis,
            sentinelMillis,
            InstantSource.system().instant(),
            environment)
        .with(figures(design, run.layers()), Verdict.stable("counted by a simulation, not timed"));
  }

  private SystolicArray.Run execute(Path onnx, FixedNetwork network) throws MeasurementFailed {
    long macs = array.counts(network).stream().mapToLong(LayerCount::macs).sum();
    if (macs > MOST_MACS) {
      throw refused(
          onnx,
          "has %,d multiplications, a simulation does at most %,d".formatted(macs, MOST_MACS),
          null);
    }
    Random random = new Random(SEED);
    int[] input = new int[network.input().size()];
    for (int i = 0; i < input.length; i++) {
      input[i] = network.input().format().quantize(random.nextGaussian());
    }
    return array.run(network, input);
  }

  /** What a network takes on a design; latency is among it. */
  static Map<String, Double> exactFigures(ArrayDesign design, OnnxGraph graph) {
    Map<String, Double> figures = figures(design, counts(design, graph));
    figures.put("latency", design.millis(Math.round(figures.get("cycles"))));
    return figures;
  }

  private static List<LayerCount> counts(ArrayDesign design, OnnxGraph graph) {
    return new SystolicArray(design)
        .counts(
            FixedOnnxReader.isFixed(graph)
                ? FixedOnnxReader.read(graph)
                : FixedPoint.outline(graph, new FixedSettings(8, 8, design.hot(), 1)));
  }

  private static Map<String, Double> figures(ArrayDesign design, List<LayerCount> layers) {
    double cycles = 0;
    double macs = 0;
    double traffic = 0;
    for (LayerCount layer : layers) {
      cycles += layer.cycles();
      macs += layer.macs();
      traffic += layer.trafficBytes();
    }
    Map<String, Double> figures = new TreeMap<>();
    figures.put("cycles", cycles);
    figures.put("dsp", (double) design.dspBlocks());
    figures.put("bram", design.blockMemories());
    figures.put("adders", (double) design.adders());
    figures.put("traffic", traffic);
    figures.put("utilization", macs / (Math.max(1, cycles) * design.rows() * design.columns()));
    return figures;
  }

  private static MeasurementFailed refused(Path onnx, String why, @Nullable Throwable cause) {
    return new MeasurementFailed(
        FailureKind.MODEL_REFUSED, "model '%s': %s".formatted(onnx.getFileName(), why), cause);
  }

  @Override
  public void close() {}
}
