package dev.lathe.space.mobile;

import dev.lathe.graph.Activation;
import dev.lathe.graph.Subnet;
import dev.lathe.graph.TensorSpec;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * MobileNetV2 (Sandler et al., arXiv 1801.04381, table 2) as a fixed network to compare with: its
 * blocks, widths scaled by a multiplier and rounded to 8 as the authors do. On small images it is
 * cut where its resolution ends, in its favour: a stage whose stride would leave a feature map of
 * less than 3 pixels is left out together with all that follow (17 blocks from 65 pixels on, 6 at
 * 28 and 32), since deep stacks at one small resolution cost time and training and gain little. The
 * last convolution has four times the channels of the last stage, as in the original, at every
 * multiplier (the authors keep 1 280 channels below a multiplier of 1).
 *
 * @param multiplier of all widths, for example 0.5
 * @param resolution side of the input images in pixels
 */
public record MobileNetV2(double multiplier, int channels, int resolution, int classes) {
  private static final int[][] STAGES = {
    // expansion, width, depth, stride
    {1, 16, 1, 1},
    {6, 24, 2, 2},
    {6, 32, 3, 2},
    {6, 64, 4, 2},
    {6, 96, 3, 1},
    {6, 160, 3, 2},
    {6, 320, 1, 1}
  };
  private static final int STEM = 32;
  private static final int HEAD_RATIO = 4;
  private static final int LEAST_SIDE = 3;

  /** For example {@code mobilenetv2-x0.5}. */
  public String name() {
    return "mobilenetv2-x" + new BigDecimal(String.valueOf(multiplier)).toPlainString();
  }

  private MobileSpec.Stem stem() {
    return new MobileSpec.Stem(List.of(scaled(STEM)), 3, List.of(2), Activation.RELU6);
  }

  /** The stages that the resolution leaves room for. */
  private List<int[]> stages() {
    List<int[]> stages = new ArrayList<>();
    int side = (resolution + 1) / 2;
    for (int[] stage : STAGES) {
      side = (side + stage[3] - 1) / stage[3];
      if (stage[3] > 1 && side < LEAST_SIDE) {
        break;
      }
      stages.add(stage);
    }
    return stages;
  }

  /** Multipliers from a small to a large network of this kind at a resolution. */
  public static List<Double> usualMultipliers(int resolution) {
    boolean whole = new MobileNetV2(1, 3, resolution, 2).stages().size() == STAGES.length;
    return whole ? List.of(0.25, 0.5, 0.75, 1.0) : List.of(0.25, 0.5, 1.0, 2.0);
  }

  private int head() {
    return scaled(HEAD_RATIO * stages().getLast()[1]);
  }

  /** The width nearest to {@code width · multiplier} that 8 divides, never below 90 % of it. */
  private int scaled(int width) {
    double wanted = width * multiplier;
    int rounded = Math.max(8, (int) (wanted + 4) / 8 * 8);
    return rounded < 0.9 * wanted ? rounded + 8 : rounded;
  }

  private MobileSpace space() {
    List<MobileSpec.Stage> described = new ArrayList<>();
    for (int[] stage : stages()) {
      described.add(
          new MobileSpec.Stage(
              List.of(scaled(stage[1])),
              List.of(stage[2]),
              stage[3],
              List.of(3),
              List.of(stage[0]),
              List.of(false),
              List.of(Activation.RELU6)));
    }
    return new MobileSpace(
        new MobileSpec(
            name(), channels, List.of(resolution), stem(), described, head(), Activation.RELU6),
        classes);
  }

  /** The network; its weights are the tensors of {@link #specs} whole. */
  public Subnet subnet() {
    MobileSpace space = space();
    return space.subnet(space.largest());
  }

  /** Name and description of every weight tensor. */
  public Map<String, TensorSpec> specs() {
    return space().specs();
  }
}
