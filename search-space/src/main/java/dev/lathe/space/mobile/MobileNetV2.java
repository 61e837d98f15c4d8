package dev.lathe.space.mobile;

import dev.lathe.graph.Activation;
import dev.lathe.graph.NetworkGraph;
import dev.lathe.graph.TensorShape;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * MobileNetV2 (Sandler et al., arXiv 1801.04381, table 2) as a fixed network to compare with: its
 * 17 blocks, widths scaled by a multiplier and rounded to 8 as the authors do. For small images it
 * is made lighter than the original, in its favour: the last convolution is scaled too (the authors
 * keep 1 280 channels below a multiplier of 1), and the strides of the last stages are dropped so
 * that the last feature map is not below 3 pixels.
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
  private static final int HEAD = 1280;
  private static final int LEAST_SIDE = 3;

  /** For example {@code mobilenetv2-x0.5}. */
  public String name() {
    return "mobilenetv2-x" + new BigDecimal(String.valueOf(multiplier)).toPlainString();
  }

  private MobileSpec.Stem stem() {
    return new MobileSpec.Stem(scaled(STEM), 3, 2, Activation.RELU6);
  }

  private int head() {
    return scaled(HEAD);
  }

  /** The width nearest to {@code width · multiplier} that 8 divides, never below 90 % of it. */
  private int scaled(int width) {
    double wanted = width * multiplier;
    int rounded = Math.max(8, (int) (wanted + 4) / 8 * 8);
    return rounded < 0.9 * wanted ? rounded + 8 : rounded;
  }

  private List<InvertedResidual> blocks() {
    List<InvertedResidual> blocks = new ArrayList<>();
    int side = (resolution + 1) / 2;
    for (int[] stage : STAGES) {
      for (int b = 0; b < stage[2]; b++) {
        int stride = b == 0 && (side + 1) / 2 >= LEAST_SIDE ? stage[3] : 1;
        side = (side + stride - 1) / stride;
        blocks.add(
            new InvertedResidual(
                "block" + (blocks.size() + 1),
                scaled(stage[1]),
                stage[0],
                3,
                stride,
                false,
                Activation.RELU6));
      }
    }
    return blocks;
  }

  /** The network; its weights cover the tensors of {@link #tensors} whole. */
  public NetworkGraph network() {
    NetworkGraph.Builder graph = NetworkGraph.builder();
    String x = graph.input("input", TensorShape.of(channels, resolution, resolution));
    x = MobileSpace.stem(graph, x, stem());
    for (InvertedResidual block : blocks()) {
      x = block.append(graph, x, 3);
    }
    return graph.build(MobileSpace.head(graph, x, head(), Activation.RELU6, classes));
  }

  /** Name and extent of every weight tensor. */
  public Map<String, List<Integer>> tensors() {
    Map<String, List<Integer>> tensors = new LinkedHashMap<>();
    MobileSpace.declareStem(tensors, channels, stem());
    int in = stem().width();
    for (InvertedResidual block : blocks()) {
      InvertedResidual.declare(
          tensors,
          block.name(),
          in,
          in * block.expansion(),
          block.width(),
          3,
          block.expansion() > 1,
          false);
      in = block.width();
    }
    MobileSpace.declareHead(tensors, in, head(), classes);
    return tensors;
  }
}
