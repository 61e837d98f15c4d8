package dev.lathe.space.mobile;

import dev.lathe.graph.Activation;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.SpaceSpec;
import java.util.List;

/**
 * The user's description of a space of mobile networks, in the manner of MobileNetV3 (arXiv
 * 1905.02244) and Once-for-All (arXiv 1908.09791). Every list holds the alternatives of a free
 * choice; a list of one fixes it. {@link MobileSpecReader} reads it from YAML or JSON.
 *
 * @param name for people
 * @param channels of the input images
 * @param resolutions alternatives for the side of the input images in pixels
 * @param stem the first convolution
 * @param stages blocks of equal width
 * @param headWidth channels of the last 1×1 convolution before pooling
 * @param headActivation activation of that convolution
 */
public record MobileSpec(
    String name,
    int channels,
    List<Integer> resolutions,
    Stem stem,
    List<Stage> stages,
    int headWidth,
    Activation headActivation)
    implements SpaceSpec {
  public MobileSpec {
    resolutions = List.copyOf(resolutions);
    stages = List.copyOf(stages);
  }

  @Override
  public MobileSpec withResolutions(List<Integer> sides) {
    return new MobileSpec(name, channels, sides, stem, stages, headWidth, headActivation);
  }

  @Override
  public MobileSpec withChannels(int count) {
    return new MobileSpec(name, count, resolutions, stem, stages, headWidth, headActivation);
  }

  @Override
  public String summary() {
    List<String> kinds =
        stages.stream().flatMap(stage -> stage.blocks().kinds().stream()).distinct().toList();
    return "%d stages of %s blocks, %s pixels"
        .formatted(stages.size(), String.join(", ", kinds).replace('-', ' '), resolutions);
  }

  @Override
  public String json() {
    return MobileSpecWriter.write(this);
  }

  @Override
  public NetworkSpace space(int classes) {
    return new MobileSpace(this, classes);
  }

  /**
   * The first convolution.
   *
   * @param widths output channels to choose from; more than one is a gene of the whole network
   * @param kernel side of the kernel in pixels, odd
   * @param strides to choose from, likewise
   */
  public record Stem(
      List<Integer> widths, int kernel, List<Integer> strides, Activation activation) {
    public Stem {
      widths = List.copyOf(widths);
      strides = List.copyOf(strides);
    }
  }

  /**
   * A run of blocks of one width. Depth, width and stride are chosen once a stage, the rest once a
   * block.
   *
   * @param widths alternatives for the output channels
   * @param depths alternatives for the number of blocks
   * @param strides alternatives for the first block
   * @param kernels alternatives for the side of the depthwise kernel, odd
   * @param expansions alternatives for hidden channels ÷ input channels; 1 leaves the expanding
   *     convolution out
   * @param squeezeExcite alternatives for the channel gate (Hu et al., arXiv 1709.01507)
   * @param activations alternatives for the activation
   * @param blocks which blocks, and what only some of them have
   */
  public record Stage(
      List<Integer> widths,
      List<Integer> depths,
      List<Integer> strides,
      List<Integer> kernels,
      List<Integer> expansions,
      List<Boolean> squeezeExcite,
      List<Activation> activations,
      Blocks blocks) {
    public Stage {
      widths = List.copyOf(widths);
      depths = List.copyOf(depths);
      strides = List.copyOf(strides);
      kernels = List.copyOf(kernels);
      expansions = List.copyOf(expansions);
      squeezeExcite = List.copyOf(squeezeExcite);
      activations = List.copyOf(activations);
    }

    /** A stage of inverted residuals, each with choices of its own. */
    public Stage(
        List<Integer> widths,
        List<Integer> depths,
        int stride,
        List<Integer> kernels,
        List<Integer> expansions,
        List<Boolean> squeezeExcite,
        List<Activation> activations) {
      this(
          widths,
          depths,
          List.of(stride),
          kernels,
          expansions,
          squeezeExcite,
          activations,
          Blocks.INVERTED_RESIDUALS);
    }
  }

  /**
   * Which blocks a stage may have.
   *
   * @param kinds alternatives by name
   * @param shared whether all blocks of the stage choose alike (Tan et al., MnasNet, arXiv
   *     1807.11626)
   * @param ratios alternatives for the channels inside a residual block ÷ its output channels
   * @param groups alternatives for the number of subspaces
   */
  public record Blocks(
      List<String> kinds, boolean shared, List<Double> ratios, List<Integer> groups) {
    /** Inverted residuals alone, each with choices of its own. */
    public static final Blocks INVERTED_RESIDUALS =
        new Blocks(
            List.of(dev.lathe.space.block.Blocks.INVERTED_RESIDUAL),
            false,
            List.of(1.0),
            List.of(4));

    public Blocks {
      kinds = List.copyOf(kinds);
      ratios = List.copyOf(ratios);
      groups = List.copyOf(groups);
    }
  }
}
