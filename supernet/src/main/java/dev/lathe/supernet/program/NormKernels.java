package dev.lathe.supernet.program;

import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.group_norm;
import static org.bytedeco.pytorch.global.torch.instance_norm;
import static org.bytedeco.pytorch.global.torch.layer_norm;

import dev.lathe.graph.NormStatistics;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.supernet.tensor.Torch;
import java.util.Arrays;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/** Normalizations. */
final class NormKernels {
  private static final double MOMENTUM = 0.1;

  private NormKernels() {}

  static Optional<Kernel> of(Operands in) {
    if (in.node().opType().equals("SkipLayerNormalization")) {
      return Optional.of(skipLayer(in));
    }
    if (!in.node().domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (in.node().opType()) {
      case "BatchNormalization" -> Kernels.one(batch(in));
      case "LayerNormalization" -> Kernels.one(layer(in));
      case "RMSNormalization" -> Kernels.one(rootMeanSquare(in));
      case "InstanceNormalization" -> Kernels.one(instance(in));
      case "GroupNormalization" -> Kernels.one(group(in));
      case "LpNormalization" -> Kernels.one(lp(in));
      case "MeanVarianceNormalization" -> Kernels.one(meanVariance(in));
      default -> Optional.empty();
    };
  }

  private static double epsilon(OnnxNode node) {
    return node.floating("epsilon", 1e-5f);
  }

  private static Kernel.One batch(Operands in) {
    String name = in.node().name();
    double epsilon = epsilon(in.node());
    int x = in.slot(0);
    int scale = in.slot(1);
    int shift = in.slot(2);
    int mean = in.slot(3);
    int variance = in.slot(4);
    return frame -> {
      Tensor value = frame.get(x);
      TensorOptional gamma = frame.optional(scale);
      TensorOptional beta = frame.optional(shift);
      TensorOptional none = new TensorOptional();
      return switch (frame.norms()) {
        case Norms.OfBatch _ ->
            batch_norm(value, gamma, beta, none, none, true, MOMENTUM, epsilon, false);
        case Norms.Given given -> {
          NormStatistics.Moments moments = given.statistics().of(name);
          yield batch_norm(
              value,
              gamma,
              beta,
              new TensorOptional(Torch.scopedFloats(moments.mean(), moments.mean().length)),
              new TensorOptional(Torch.scopedFloats(moments.variance(), moments.variance().length)),
              false,
              MOMENTUM,
              epsilon,
              false);
        }
        case Norms.Estimated estimated -> {
          NormEstimate.Running running = estimated.estimate().of(name, (int) value.size(1));
          yield batch_norm(
              value,
              gamma,
              beta,
              new TensorOptional(running.mean()),
              new TensorOptional(running.variance()),
              true,
              estimated.estimate().momentum(),
              epsilon,
              false);
        }
        case Norms.Stored _ ->
            batch_norm(
                value,
                gamma,
                beta,
                frame.optional(mean),
                frame.optional(variance),
                false,
                MOMENTUM,
                epsilon,
                false);
      };
    };
  }

  private static long[] from(Tensor x, long axis) {
    long[] dims = Sizes.of(x);
    return Arrays.copyOfRange(dims, Sizes.axis(axis, x), dims.length);
  }

  private static Kernel.One layer(Operands in) {
    long axis = in.node().integer("axis", -1);
    double epsilon = epsilon(in.node());
    int x = in.slot(0);
    int scale = in.optional(1);
    int shift = in.optional(2);
    return frame -> {
      Tensor value = frame.get(x);
      return layer_norm(
          value, from(value, axis), frame.optional(scale), frame.optional(shift), epsilon, false);
    };
  }

  /** The sum of the first two inputs and a bias, normalised; the sum is the fourth result. */
  private static Kernel skipLayer(Operands in) {
    double epsilon = in.node().floating("epsilon", 1e-12f);
    int x = in.slot(0);
    int skip = in.slot(1);
    int scale = in.slot(2);
    int shift = in.optional(3);
    int bias = in.optional(4);
    return frame -> {
      Tensor sum = frame.get(x).add(frame.get(skip));
      if (bias >= 0) {
        sum = sum.add(frame.get(bias));
      }
      Tensor normal =
          layer_norm(
              sum, from(sum, -1), frame.optional(scale), frame.optional(shift), epsilon, false);
      return new Tensor[] {normal, sum, sum, sum};
    };
  }

  private static ScalarTypeOptional none() {
    return new ScalarTypeOptional();
  }

  private static Kernel.One rootMeanSquare(Operands in) {
    long axis = in.node().integer("axis", -1);
    double epsilon = epsilon(in.node());
    int x = in.slot(0);
    int scale = in.slot(1);
    return frame -> {
      Tensor value = frame.get(x);
      long[] axes = new long[(int) value.dim() - Sizes.axis(axis, value)];
      Arrays.setAll(axes, d -> d + (long) Sizes.axis(axis, value));
      Tensor square = value.mul(value).mean(axes, true, none()).add(new Scalar(epsilon));
      return value.mul(square.rsqrt()).mul(frame.get(scale));
    };
  }

  private static Kernel.One instance(Operands in) {
    double epsilon = epsilon(in.node());
    int x = in.slot(0);
    int scale = in.slot(1);
    int shift = in.slot(2);
    TensorOptional none = new TensorOptional();
    return frame ->
        instance_norm(
            frame.get(x),
            frame.optional(scale),
            frame.optional(shift),
            none,
            none,
            true,
            MOMENTUM,
            epsilon,
            false);
  }

  private static Kernel.One group(Operands in) {
    long groups = in.node().integer("num_groups", 1);
    double epsilon = epsilon(in.node());
    int x = in.slot(0);
    int scale = in.slot(1);
    int shift = in.slot(2);
    return frame -> {
      Tensor value = frame.get(x);
      long each = value.size(1) / frame.get(scale).numel();
      return group_norm(
          value,
          groups,
          new TensorOptional(repeated(frame.get(scale), each)),
          new TensorOptional(repeated(frame.get(shift), each)),
          epsilon,
          false);
    };
  }

  /** One number a channel, also where older operator sets have one a group. */
  private static Tensor repeated(Tensor parameter, long each) {
    return each == 1 ? parameter : parameter.repeat_interleave(each);
  }

  private static Kernel.One lp(Operands in) {
    long axis = in.node().integer("axis", -1);
    boolean absolute = in.node().integer("p", 2) == 1;
    int x = in.slot(0);
    return frame -> {
      Tensor value = frame.get(x);
      long[] axes = {axis};
      Tensor norm =
          absolute
              ? value.abs().sum(axes, true, none())
              : value.mul(value).sum(axes, true, none()).sqrt();
      return value.div(norm);
    };
  }

  private static Kernel.One meanVariance(Operands in) {
    long[] axes = in.node().ints("axes", 0, 2, 3);
    int x = in.slot(0);
    return frame -> {
      Tensor value = frame.get(x);
      Tensor centred = value.sub(value.mean(axes, true, none()));
      Tensor variance = centred.mul(centred).mean(axes, true, none());
      return centred.div(variance.add(new Scalar(1e-9)).sqrt());
    };
  }
}
