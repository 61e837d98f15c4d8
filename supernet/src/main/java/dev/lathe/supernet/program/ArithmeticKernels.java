package dev.lathe.supernet.program;

import static org.bytedeco.pytorch.global.torch.erf;
import static org.bytedeco.pytorch.global.torch.fmod;
import static org.bytedeco.pytorch.global.torch.isinf;
import static org.bytedeco.pytorch.global.torch.isnan;
import static org.bytedeco.pytorch.global.torch.logical_and;
import static org.bytedeco.pytorch.global.torch.logical_not;
import static org.bytedeco.pytorch.global.torch.logical_or;
import static org.bytedeco.pytorch.global.torch.logical_xor;
import static org.bytedeco.pytorch.global.torch.maximum;
import static org.bytedeco.pytorch.global.torch.minimum;
import static org.bytedeco.pytorch.global.torch.pow;
import static org.bytedeco.pytorch.global.torch.remainder;
import static org.bytedeco.pytorch.global.torch.where;

import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxNode;
import dev.lathe.onnx.TensorValue;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Elementwise arithmetic, comparisons and logic. */
final class ArithmeticKernels {
  private ArithmeticKernels() {}

  static Optional<Kernel> of(Operands in) {
    OnnxNode node = in.node();
    if (!node.domain().isEmpty()) {
      return Optional.empty();
    }
    return switch (node.opType()) {
      case "Add", "Sub", "Mul", "Div", "Pow" -> withNumber(in).or(() -> binary(in));
      case "Sum", "Mean", "Min", "Max" -> Kernels.one(several(in));
      case "Where" -> {
        int condition = in.slot(0);
        int yes = in.slot(1);
        int no = in.slot(2);
        yield Kernels.one(
            frame ->
                where(
                    frame.get(condition).to(torch.ScalarType.Bool), frame.get(yes), frame.get(no)));
      }
      case "Cast" -> unary(in, x -> x.to(scalarType(ElementType.of((int) node.integer("to", 1)))));
      case "CastLike" -> {
        int x = in.slot(0);
        int like = in.slot(1);
        yield Kernels.one(frame -> frame.get(x).to(frame.get(like).scalar_type()));
      }
      default ->
          function(node.opType()).flatMap(function -> unary(in, function)).or(() -> binary(in));
    };
  }

  /** How elements of a type are computed. */
  static torch.ScalarType scalarType(ElementType type) {
    if (type == ElementType.BOOL) {
      return torch.ScalarType.Bool;
    }
    return type.isFloating() ? torch.ScalarType.Float : torch.ScalarType.Long;
  }

  private static Optional<Kernel> unary(Operands in, UnaryOperator<Tensor> function) {
    int x = in.slot(0);
    return Kernels.one(frame -> function.apply(frame.get(x)));
  }

  private static Optional<UnaryOperator<Tensor>> function(String opType) {
    return Optional.ofNullable(
        switch (opType) {
          case "Erf" -> x -> erf(x);
          case "Exp" -> Tensor::exp;
          case "Log" -> Tensor::log;
          case "Sqrt" -> Tensor::sqrt;
          case "Neg" -> Tensor::neg;
          case "Abs" -> Tensor::abs;
          case "Reciprocal" -> Tensor::reciprocal;
          case "Floor" -> Tensor::floor;
          case "Ceil" -> Tensor::ceil;
          case "Round" -> Tensor::round;
          case "Sign" -> Tensor::sign;
          case "Sin" -> Tensor::sin;
          case "Cos" -> Tensor::cos;
          case "Not" -> x -> logical_not(x);
          case "IsNaN" -> x -> isnan(x);
          case "IsInf" -> x -> isinf(x);
          default -> null;
        });
  }

  /** Arithmetic with a constant number, which needs no tensor. */
  private static Optional<Kernel> withNumber(Operands in) {
    Optional<Double> right = number(in, 1);
    Optional<Double> left = number(in, 0);
    if (right.isPresent() && left.isEmpty()) {
      double n = right.get();
      return switch (in.node().opType()) {
        case "Add" -> unary(in, x -> x.add(new Scalar(n)));
        case "Sub" -> unary(in, x -> x.sub(new Scalar(n)));
        case "Mul" -> unary(in, x -> x.mul(new Scalar(n)));
        case "Div" -> unary(in, x -> x.div(new Scalar(n)));
        default -> unary(in, x -> x.pow(new Scalar(n)));
      };
    }
    boolean commutes = in.node().isOneOf("Add", "Mul");
    if (left.isPresent() && right.isEmpty() && commutes) {
      double n = left.get();
      int x = in.slot(1);
      return in.node().is("Add")
          ? Kernels.one(frame -> frame.get(x).add(new Scalar(n)))
          : Kernels.one(frame -> frame.get(x).mul(new Scalar(n)));
    }
    return Optional.empty();
  }

  /** A real constant of one element that cannot widen the result. */
  private static Optional<Double> number(Operands in, int input) {
    return in.constant(input)
        .filter(c -> c.type().isFloating() && c.rank() == 0)
        .map(TensorValue::floats)
        .map(values -> (double) values[0]);
  }

  private static Optional<Kernel> binary(Operands in) {
    BinaryOperator<Tensor> function =
        switch (in.node().opType()) {
          case "Add" -> (x, y) -> x.add(y);
          case "Sub" -> (x, y) -> x.sub(y);
          case "Mul" -> (x, y) -> x.mul(y);
          case "Div" -> ArithmeticKernels::divided;
          case "Pow" -> (x, y) -> pow(x, y).to(x.scalar_type());
          case "Mod" ->
              in.node().integer("fmod", 0) != 0 ? (x, y) -> fmod(x, y) : (x, y) -> remainder(x, y);
          case "And" -> (x, y) -> logical_and(x, y);
          case "Or" -> (x, y) -> logical_or(x, y);
          case "Xor" -> (x, y) -> logical_xor(x, y);
          case "Equal" -> (x, y) -> x.eq(y);
          case "Greater" -> (x, y) -> x.gt(y);
          case "Less" -> (x, y) -> x.lt(y);
          case "GreaterOrEqual" -> (x, y) -> x.ge(y);
          case "LessOrEqual" -> (x, y) -> x.le(y);
          default -> null;
        };
    if (function == null) {
      return Optional.empty();
    }
    int x = in.slot(0);
    int y = in.slot(1);
    return Kernels.one(frame -> function.apply(frame.get(x), frame.get(y)));
  }

  private static Tensor divided(Tensor x, Tensor y) {
    return x.is_floating_point()
        ? x.div(y)
        : x.div(y, new StringViewOptional(new BytePointer("trunc")));
  }

  private static Kernel.One several(Operands in) {
    int[] slots = in.slots();
    boolean mean = in.node().is("Mean");
    BinaryOperator<Tensor> function =
        switch (in.node().opType()) {
          case "Min" -> (x, y) -> minimum(x, y);
          case "Max" -> (x, y) -> maximum(x, y);
          default -> (x, y) -> x.add(y);
        };
    return frame -> {
      Tensor value = frame.get(slots[0]);
      for (int i = 1; i < slots.length; i++) {
        value = function.apply(value, frame.get(slots[i]));
      }
      return mean ? value.div(new Scalar((double) slots.length)) : value;
    };
  }
}
