package dev.lathe.supernet.onnx;

import static org.bytedeco.pytorch.global.torch.adaptive_avg_pool2d;
import static org.bytedeco.pytorch.global.torch.batch_norm;
import static org.bytedeco.pytorch.global.torch.erf;
import static org.bytedeco.pytorch.global.torch.gelu;
import static org.bytedeco.pytorch.global.torch.hardswish;
import static org.bytedeco.pytorch.global.torch.layer_norm;
import static org.bytedeco.pytorch.global.torch.leaky_relu;
import static org.bytedeco.pytorch.global.torch.matmul;
import static org.bytedeco.pytorch.global.torch.pow;
import static org.bytedeco.pytorch.global.torch.relu;
import static org.bytedeco.pytorch.global.torch.sigmoid;
import static org.bytedeco.pytorch.global.torch.softmax;
import static org.bytedeco.pytorch.global.torch.tanh;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** ONNX operators on libtorch: arithmetic, norms and activation functions. */
final class Operators {
  private final Constants constants;
  private final Windows windows;
  private final Shapes shapes;

  Operators(Constants constants) {
    this.constants = constants;
    this.windows = new Windows();
    this.shapes = new Shapes(constants);
  }

  /** The outputs of a node, in order. */
  List<Tensor> compute(OnnxNode node, Map<String, Tensor> values) {
    if (Shapes.KNOWN.contains(node.opType()) && node.domain().isEmpty()) {
      return shapes.compute(node, values);
    }
    return List.of(one(node, values));
  }

  private Tensor one(OnnxNode node, Map<String, Tensor> values) {
    Tensor x = values.get(node.inputs().getFirst());
    return switch (node.opType()) {
      case "Conv", "ConvTranspose", "MaxPool", "AveragePool" ->
          windows.compute(node, x, input(node, values, 1), input(node, values, 2));
      case "GlobalAveragePool" -> adaptive_avg_pool2d(x, 1, 1);
      case "Gemm" -> gemm(node, values);
      case "MatMul" -> matmul(x, second(node, values));
      case "MatMulNBits" -> matmul(x, second(node, values).t());
      case "Add" -> x.add(second(node, values));
      case "Sub" -> x.sub(second(node, values));
      case "Mul" -> x.mul(second(node, values));
      case "Div" -> x.div(second(node, values));
      case "Pow" -> pow(x, second(node, values));
      case "Sqrt" -> x.sqrt();
      case "Neg" -> x.neg();
      case "Erf" -> erf(x);
      case "Relu" -> relu(x);
      case "LeakyRelu" -> leaky_relu(x, new Scalar((double) node.floating("alpha", 0.01f)));
      case "Sigmoid" -> sigmoid(x);
      case "Tanh" -> tanh(x);
      case "Gelu" -> gelu(x, node.string("approximate", "none"));
      case "HardSwish" -> hardswish(x);
      case "HardSigmoid" ->
          clamped(
              x.mul(new Scalar((double) node.floating("alpha", 0.2f)))
                  .add(new Scalar((double) node.floating("beta", 0.5f))),
              0,
              1);
      case "Clip" -> clip(node, x);
      case "Softmax" -> softmax(x, node.integer("axis", -1));
      case "BatchNormalization" ->
          batch_norm(
              x,
              input(node, values, 1),
              input(node, values, 2),
              input(node, values, 3),
              input(node, values, 4),
              false,
              0,
              node.floating("epsilon", 1e-5f),
              false);
      case "LayerNormalization" -> layerNorm(node, values);
      case "ReduceMean" -> mean(node, x);
      case "Cast" ->
          x.to(
              ElementType.of((int) node.integer("to", 1)).isFloating()
                  ? torch.ScalarType.Float
                  : torch.ScalarType.Long);
      default ->
          throw OnnxInterpreter.unsupported(node, "the operator is not known to the trainer");
    };
  }

  private static Tensor second(OnnxNode node, Map<String, Tensor> values) {
    return values.get(node.inputs().get(1));
  }

  private static TensorOptional input(OnnxNode node, Map<String, Tensor> values, int index) {
    return node.input(index)
        .map(name -> new TensorOptional(values.get(name)))
        .orElseGet(TensorOptional::new);
  }

  private static Tensor clamped(Tensor x, double low, double high) {
    return x.clamp(new ScalarOptional(new Scalar(low)), new ScalarOptional(new Scalar(high)));
  }

  private Tensor clip(OnnxNode node, Tensor x) {
    double low = bound(node, 1, "min", -Float.MAX_VALUE);
    double high = bound(node, 2, "max", Float.MAX_VALUE);
    return clamped(x, low, high);
  }

  private double bound(OnnxNode node, int input, String attribute, double fallback) {
    return node.input(input).isPresent()
        ? constants.value(node, input).floats()[0]
        : node.floating(attribute, (float) fallback);
  }

  private static Tensor gemm(OnnxNode node, Map<String, Tensor> values) {
    Tensor a = values.get(node.inputs().getFirst());
    Tensor b = second(node, values);
    Tensor product =
        matmul(
            node.integer("transA", 0) == 1 ? a.t() : a, node.integer("transB", 0) == 1 ? b.t() : b);
    float alpha = node.floating("alpha", 1);
    if (alpha != 1) {
      product = product.mul(new Scalar((double) alpha));
    }
    if (node.input(2).isEmpty()) {
      return product;
    }
    float beta = node.floating("beta", 1);
    Tensor c = values.get(node.inputs().get(2));
    return product.add(beta == 1 ? c : c.mul(new Scalar((double) beta)));
  }

  private static Tensor layerNorm(OnnxNode node, Map<String, Tensor> values) {
    Tensor x = values.get(node.inputs().getFirst());
    long axis = node.integer("axis", -1);
    int from = (int) (axis < 0 ? axis + x.dim() : axis);
    long[] dims = Shapes.of(x);
    return layer_norm(
        x,
        Arrays.copyOfRange(dims, from, dims.length),
        input(node, values, 1),
        input(node, values, 2),
        node.floating("epsilon", 1e-5f),
        false);
  }

  private Tensor mean(OnnxNode node, Tensor x) {
    long[] axes = node.input(1).isPresent() ? constants.value(node, 1).longs() : node.ints("axes");
    boolean keep = node.integer("keepdims", 1) == 1;
    if (axes.length == 0) {
      axes = new long[(int) x.dim()];
      Arrays.setAll(axes, i -> i);
    }
    return x.mean(axes, keep, new ScalarTypeOptional());
  }
}
