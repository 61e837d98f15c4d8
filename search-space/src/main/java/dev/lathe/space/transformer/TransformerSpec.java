package dev.lathe.space.transformer;

import dev.lathe.space.NetworkSpace;
import dev.lathe.space.SpaceSpec;
import dev.lathe.space.mobile.MobileSpec;
import dev.lathe.space.program.ProgramSpace;
import java.util.List;
import java.util.Optional;

/**
 * The user's description of a space of vision transformers (Dosovitskiy et al., arXiv 2010.11929;
 * DeiT: Touvron et al., arXiv 2012.12877), elastic as AutoFormer's (Chen et al., arXiv 2107.00651).
 * Every list holds the alternatives of a free choice; a list of one fixes it.
 *
 * @param name for people
 * @param channels of the input images
 * @param resolutions alternatives for the side of the input images in pixels
 * @param stem a convolution before everything, if any
 * @param stages of convolutional blocks before attention; empty for none
 * @param patches alternatives for the side of a patch, in pixels of what comes before
 * @param widths alternatives for the features of a token, one for the whole network
 * @param depths alternatives for the number of layers
 * @param headSize features of a head
 * @param heads alternatives for the number of heads, of each layer
 * @param ratios alternatives for hidden features ÷ features of a layer's perceptron
 * @param keep token reduction, if any
 */
public record TransformerSpec(
    String name,
    int channels,
    List<Integer> resolutions,
    Optional<MobileSpec.Stem> stem,
    List<MobileSpec.Stage> stages,
    List<Integer> patches,
    List<Integer> widths,
    List<Integer> depths,
    int headSize,
    List<Integer> heads,
    List<Double> ratios,
    Optional<Keep> keep)
    implements SpaceSpec {
  public TransformerSpec {
    resolutions = List.copyOf(resolutions);
    stages = List.copyOf(stages);
    patches = List.copyOf(patches);
    widths = List.copyOf(widths);
    depths = List.copyOf(depths);
    heads = List.copyOf(heads);
    ratios = List.copyOf(ratios);
  }

  /**
   * Token reduction (Liang et al., EViT, arXiv 2202.07800).
   *
   * @param layers after whose attention tokens are reduced, from 1
   * @param rates alternatives for the share of tokens that is kept, in (0, 1]; at 1 none is left
   *     out
   */
  public record Keep(List<Integer> layers, List<Double> rates) {
    public Keep {
      layers = List.copyOf(layers);
      rates = List.copyOf(rates);
    }
  }

  @Override
  public TransformerSpec withResolutions(List<Integer> sides) {
    return new TransformerSpec(
        name, channels, sides, stem, stages, patches, widths, depths, headSize, heads, ratios,
        keep);
  }

  @Override
  public TransformerSpec withChannels(int count) {
    return new TransformerSpec(
        name,
        count,
        resolutions,
        stem,
        stages,
        patches,
        widths,
        depths,
        headSize,
        heads,
        ratios,
        keep);
  }

  @Override
  public String summary() {
    return "transformers of %s layers and %s features%s%s, %s pixels"
        .formatted(
            depths,
            widths,
            stages.isEmpty() ? "" : " behind %d stages of convolutions".formatted(stages.size()),
            keep.isEmpty() ? "" : ", tokens reduced",
            resolutions);
  }

  @Override
  public String json() {
    return TransformerSpecFile.write(this);
  }

  @Override
  public NetworkSpace space(int classes) {
    if (classes < 2) {
      throw new IllegalArgumentException(
          "a classifier needs at least 2 classes, not %d.".formatted(classes));
    }
    return new ProgramSpace(name, new TransformerProgram(this, classes));
  }
}
