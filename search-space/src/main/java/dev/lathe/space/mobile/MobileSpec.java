package dev.lathe.space.mobile;

import dev.lathe.graph.Activation;
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
    Activation headActivation) {
  public MobileSpec {
    resolutions = List.copyOf(resolutions);
    stages = List.copyOf(stages);
  }

  /** The same space for images of other sizes, sides in pixels. */
  public MobileSpec withResolutions(List<Integer> sides) {
    return new MobileSpec(name, channels, sides, stem, stages, headWidth, headActivation);
  }

  /** The same space for images of another number of channels. */
  public MobileSpec withChannels(int count) {
    return new MobileSpec(name, count, resolutions, stem, stages, headWidth, headActivation);
  }

  /**
   * The first convolution.
   *
   * @param width output channels
   * @param kernel side of the kernel in pixels, odd
   */
  public record Stem(int width, int kernel, int stride, Activation activation) {}

  /**
   * A run of inverted residual blocks. Depth and width are chosen once a stage, the rest once a
   * block.
   *
   * @param widths alternatives for the output channels
   * @param depths alternatives for the number of blocks
   * @param stride of the first block
   * @param kernels alternatives for the side of the depthwise kernel, odd
   * @param expansions alternatives for hidden channels ÷ input channels; 1 leaves the expanding
   *     convolution out
   * @param squeezeExcite alternatives for the channel gate (Hu et al., arXiv 1709.01507)
   * @param activations alternatives for the activation
   */
  public record Stage(
      List<Integer> widths,
      List<Integer> depths,
      int stride,
      List<Integer> kernels,
      List<Integer> expansions,
      List<Boolean> squeezeExcite,
      List<Activation> activations) {
    public Stage {
      widths = List.copyOf(widths);
      depths = List.copyOf(depths);
      kernels = List.copyOf(kernels);
      expansions = List.copyOf(expansions);
      squeezeExcite = List.copyOf(squeezeExcite);
      activations = List.copyOf(activations);
    }
  }
}
