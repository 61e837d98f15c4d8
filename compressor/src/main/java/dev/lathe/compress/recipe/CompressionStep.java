package dev.lathe.compress.recipe;

import dev.lathe.compress.Int8Options;
import dev.lathe.compress.MixedPrecision;
import dev.lathe.compress.channel.ChannelPruning;
import dev.lathe.compress.fixed.FixedSettings;

/** One step of a recipe: a model in, a model out. */
public sealed interface CompressionStep {
  /** The step's name in recipe files. */
  String name();

  /** Whether nodes compute with the kind of numbers that they had before. */
  default boolean keepsForms() {
    return false;
  }

  /** Folds batch norms and constants, removes what does nothing at inference. */
  record Simplify() implements CompressionStep {
    @Override
    public String name() {
      return "simplify";
    }
  }

  /** Balances the ranges of weights between consecutive layers. */
  record Equalize() implements CompressionStep {
    @Override
    public String name() {
      return "equalize";
    }
  }

  /** 8-bit integers throughout. */
  record Int8(Int8Options options) implements CompressionStep {
    @Override
    public String name() {
      return "int8";
    }
  }

  /** 8-bit integers where they are faster and good enough, by measurement. */
  record Mixed(Int8Options options, MixedPrecision.Settings settings) implements CompressionStep {
    @Override
    public String name() {
      return "mixed";
    }
  }

  /** Rewrites an integer model for ONNX Runtime's kernels on this processor, by measurement. */
  record Kernels() implements CompressionStep {
    @Override
    public String name() {
      return "kernels";
    }

    @Override
    public boolean keepsForms() {
      return true;
    }
  }

  /** Stores weights as 16-bit floating point; ONNX Runtime widens them when it loads the model. */
  record HalfStorage() implements CompressionStep {
    @Override
    public String name() {
      return "half-storage";
    }
  }

  /**
   * Stores weights at few bits: matrix products become MatMulNBits, convolutions widen their
   * weights when the model is loaded.
   *
   * @param bits 4 or 8
   * @param block weights that share a scale: 16, 32, 64, 128 or 256
   * @param rounding how weights are rounded
   */
  record WeightOnly(int bits, int block, Rounding rounding) implements CompressionStep {
    public WeightOnly {
      if (bits != 4 && bits != 8) {
        throw new IllegalArgumentException("bits must be 4 or 8, not %d.".formatted(bits));
      }
      if (block < 16 || block > 256 || Integer.bitCount(block) != 1) {
        throw new IllegalArgumentException(
            "block must be 16, 32, 64, 128 or 256, not %d.".formatted(block));
      }
    }

    @Override
    public String name() {
      return "weight-only";
    }
  }

  /** How weights are brought to few bits. */
  enum Rounding {
    NEAREST,
    GPTQ,
    ADAROUND
  }

  /**
   * Replaces weights by two factors.
   *
   * @param share of the parameters that the factors may have, in (0, 1)
   */
  record LowRank(double share) implements CompressionStep {
    public LowRank {
      checkShare("share", share);
    }

    @Override
    public String name() {
      return "low-rank";
    }
  }

  /**
   * Replaces matrices by Monarch matrices.
   *
   * @param blocks on either side
   * @param share of the parameters that may be left, in (0, 1); decides the rank of the blocks,
   *     which is 1 at least
   */
  record MonarchMatrices(int blocks, double share) implements CompressionStep {
    public MonarchMatrices {
      if (blocks < 2 || !(share > 0 && share < 1)) {
        throw new IllegalArgumentException(
            "blocks must be at least 2 and share between 0 and 1, not %d and %s."
                .formatted(blocks, share));
      }
    }

    /** The rank of each block of a matrix. */
    int rank(int rows, int columns) {
      return Math.max(1, (int) (share * rows * columns / ((double) blocks * (rows + columns))));
    }

    @Override
    public String name() {
      return "monarch";
    }
  }

  /**
   * Replaces weights by entries of a codebook.
   *
   * @param length weights of a piece; the kernel's size for convolutions larger than 1 × 1
   * @param clusters entries of a codebook, at most 256
   * @param lowRank whether pieces are clustered in a space of fewer dimensions (LR²VQ)
   * @param dataAware whether the change of outputs counts instead of that of weights
   */
  record Codebook(int length, int clusters, boolean lowRank, boolean dataAware)
      implements CompressionStep {
    public Codebook {
      if (length < 1 || clusters < 2 || clusters > 256) {
        throw new IllegalArgumentException(
            "length must be at least 1 and clusters 2 to 256, not %d and %d."
                .formatted(length, clusters));
      }
    }

    @Override
    public String name() {
      return "codebook";
    }
  }

  /**
   * Sets weights to zero.
   *
   * @param zeros share of each channel's weights
   * @param dataAware whether the inputs' magnitudes count too
   */
  record Prune(double zeros, boolean dataAware) implements CompressionStep {
    public Prune {
      checkShare("zeros", zeros);
    }

    @Override
    public String name() {
      return "prune";
    }
  }

  /**
   * Sets two of every four consecutive input channels' weights to zero.
   *
   * @param dataAware whether the inputs' magnitudes count too
   * @param permute whether channels are reordered first so that more stays
   */
  record TwoOfFour(boolean dataAware, boolean permute) implements CompressionStep {
    @Override
    public String name() {
      return "two-of-four";
    }
  }

  /**
   * Removes channels.
   *
   * @param settings how many
   */
  record PruneChannels(ChannelPruning.Settings settings) implements CompressionStep {
    @Override
    public String name() {
      return "prune-channels";
    }
  }

  /**
   * Fixed-point arithmetic for FPGAs, and C++ that computes the same.
   *
   * @param settings widths and digits
   */
  record FixedPointNumbers(FixedSettings settings) implements CompressionStep {
    @Override
    public String name() {
      return "fixed-point";
    }
  }

  /**
   * Moves outliers of what matrix products take into their weights (SmoothQuant).
   *
   * @param alpha how much, in [0, 1]
   * @param images the most items of the calibration data that are used
   */
  record Smooth(double alpha, int images) implements CompressionStep {
    public Smooth {
      if (!(alpha >= 0 && alpha <= 1) || images < 1) {
        throw new IllegalArgumentException(
            "alpha must be in [0, 1] and images at least 1, not %s and %d."
                .formatted(alpha, images));
      }
    }

    @Override
    public String name() {
      return "smooth";
    }
  }

  /**
   * Trains the weights in the form that the steps before gave them, by the answers of the model
   * with which the recipe began.
   *
   * @param steps in all
   * @param batch images a step
   * @param learningRate at its peak
   * @param labels weight of the images' labels beside the answers, in [0, 1]
   * @param temperature that softens the answers
   */
  record FineTune(long steps, int batch, double learningRate, double labels, double temperature)
      implements CompressionStep {
    /** A thousand steps of 64 images, without labels. */
    public static final FineTune DEFAULT = new FineTune(1000, 64, 1e-3, 0, 2);

    @Override
    public String name() {
      return "fine-tune";
    }

    @Override
    public boolean keepsForms() {
      return true;
    }
  }

  private static void checkShare(String what, double share) {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("%s must be in (0, 1), not %s.".formatted(what, share));
    }
  }
}
