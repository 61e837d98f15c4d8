package dev.lathe.bench.payoff;

import dev.lathe.data.DataSet;
import dev.lathe.space.mobile.MobileNetV2;
import dev.lathe.space.mobile.ResNet;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The ways to do without a search. Which networks each has is fixed before anything is trained. */
enum RivalKind {
  /** MobileNetV2 of several widths: those that a search's report has, then some between. */
  MOBILENETV2("mobilenetv2"),
  /** Residual networks: ResNet-8 of MLPerf Tiny first, then ResNet-20, then others around them. */
  RESNET("resnet"),
  /** Random architectures of the search's space, evenly spread in latency. */
  RANDOM("random");

  /** The most networks that there can be of a kind. */
  static final int MOST = 8;

  private static final double[] FURTHER_WIDTHS = {0.75, 1.5, 0.35, 1.25, 0.15};

  /** Width and blocks a stage. */
  private static final int[][] RESNETS = {
    {16, 1}, {16, 3}, {8, 1}, {32, 1}, {16, 2}, {24, 1}, {8, 3}, {32, 2}
  };

  private final String label;

  RivalKind(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  /**
   * The kind of a name.
   *
   * @throws IllegalArgumentException naming those that there are
   */
  static RivalKind named(String label) {
    return Stream.of(values())
        .filter(kind -> kind.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no rival '%s'. Maybe one of %s."
                        .formatted(label, Stream.of(values()).map(RivalKind::label).toList())));
  }

  /** The widths of MobileNetV2 at a resolution, ascending. */
  static List<Double> widths(int count, int resolution) {
    List<Double> widths = new ArrayList<>(MobileNetV2.usualMultipliers(resolution));
    for (double further : FURTHER_WIDTHS) {
      if (!widths.contains(further)) {
        widths.add(further);
      }
    }
    return widths.stream().limit(count).sorted().toList();
  }

  /** So many fixed MobileNetV2. */
  static List<FixedNetwork> mobileNets(int count, DataSet data) {
    return widths(count, data.shape().height()).stream()
        .map(
            width ->
                FixedNetwork.of(
                    new MobileNetV2(
                        width,
                        data.shape().channels(),
                        data.shape().height(),
                        data.classes().size())))
        .toList();
  }

  /** So many fixed residual networks. */
  static List<FixedNetwork> resNets(int count, DataSet data) {
    return Stream.of(RESNETS)
        .limit(count)
        .map(
            shape ->
                FixedNetwork.of(
                    new ResNet(
                        shape[0],
                        shape[1],
                        data.shape().channels(),
                        data.shape().height(),
                        data.classes().size())))
        .toList();
  }
}
