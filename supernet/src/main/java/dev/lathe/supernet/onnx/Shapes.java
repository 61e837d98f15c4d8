package dev.lathe.supernet.onnx;

import static org.bytedeco.pytorch.global.torch.cat;
import static org.bytedeco.pytorch.global.torch.constant_pad_nd;
import static org.bytedeco.pytorch.global.torch.upsample_nearest2d;

import dev.lathe.onnx.OnnxNode;
import dev.lathe.supernet.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRef;
import org.bytedeco.pytorch.TensorVector;

/** Operators that move values and compute nothing. */
final class Shapes {
  static final Set<String> KNOWN =
      Set.of(
          "Reshape",
          "Flatten",
          "Transpose",
          "Concat",
          "Slice",
          "Squeeze",
          "Unsqueeze",
          "Gather",
          "Shape",
          "Split",
          "Pad",
          "Resize",
          "Expand");

  private final Constants constants;

  Shapes(Constants constants) {
    this.constants = constants;
  }

  static long[] of(Tensor x) {
    long[] dims = new long[(int) x.dim()];
    Arrays.setAll(dims, x::size);
    return dims;
  }

  List<Tensor> compute(OnnxNode node, Map<String, Tensor> values) {
    Tensor x = values.get(node.inputs().getFirst());
    return switch (node.opType()) {
      case "Reshape" -> List.of(reshape(node, x, Torch.toLongs(second(node, values))));
      case "Flatten" -> List.of(flatten(x, (int) node.integer("axis", 1)));
      case "Transpose" -> List.of(x.permute(order(node, x)));
      case "Concat" -> {
        TensorVector parts =
            new TensorVector(node.inputs().stream().map(values::get).toArray(Tensor[]::new));
        yield List.of(cat(new TensorArrayRef(parts), node.integer("axis", 0)));
      }
      case "Slice" -> List.of(slice(node, x, values));
      case "Squeeze" -> List.of(squeeze(x, axes(node, 1)));
      case "Unsqueeze" -> List.of(unsqueeze(x, axes(node, 1)));
      case "Gather" -> List.of(gather(node, x, second(node, values)));
      case "Shape" -> List.of(Torch.scopedLongs(of(x)));
      case "Split" -> split(node, x);
      case "Expand" -> List.of(expand(x, Torch.toLongs(second(node, values))));
      case "Pad" -> List.of(pad(node, x));
      case "Resize" -> List.of(resize(node, x));
      default -> throw new IllegalStateException(node.opType());
    };
  }

  private static Tensor second(OnnxNode node, Map<String, Tensor> values) {
    return values.get(node.inputs().get(1));
  }

  private static Tensor reshape(OnnxNode node, Tensor x, long[] wanted) {
    long[] target = wanted.clone();
    for (int d = 0; d < target.length; d++) {
      if (target[d] == 0 && node.integer("allowzero", 0) == 0) {
        target[d] = x.size(d);
      }
    }
    return x.reshape(target);
  }

  private static Tensor flatten(Tensor x, int axis) {
    long rows = 1;
    int from = axis < 0 ? axis + (int) x.dim() : axis;
    for (int d = 0; d < from; d++) {
      rows *= x.size(d);
    }
    return x.reshape(rows, -1);
  }

  private static long[] order(OnnxNode node, Tensor x) {
    long[] reversed = new long[(int) x.dim()];
    Arrays.setAll(reversed, d -> reversed.length - 1 - d);
    return node.ints("perm", reversed);
  }

  private long[] axes(OnnxNode node, int input) {
    return node.input(input).isPresent() ? constants.value(node, input).longs() : node.ints("axes");
  }

  private static Tensor squeeze(Tensor x, long[] axes) {
    return axes.length == 0 ? x.squeeze() : x.squeeze(axes);
  }

  private static Tensor unsqueeze(Tensor x, long[] axes) {
    long rank = x.dim() + axes.length;
    List<Long> places = new ArrayList<>();
    for (long axis : axes) {
      places.add(axis < 0 ? axis + rank : axis);
    }
    Collections.sort(places);
    Tensor out = x;
    for (long place : places) {
      out = out.unsqueeze(place);
    }
    return out;
  }

  private static Tensor gather(OnnxNode node, Tensor x, Tensor indices) {
    long given = node.integer("axis", 0);
    int axis = (int) (given < 0 ? given + x.dim() : given);
    long size = x.size(axis);
    long[] positions = Torch.toLongs(indices);
    for (int i = 0; i < positions.length; i++) {
      positions[i] += positions[i] < 0 ? size : 0;
    }
    Tensor taken = x.index_select(axis, Torch.scopedLongs(positions));
    List<Long> dims = new ArrayList<>();
    for (int d = 0; d < x.dim(); d++) {
      if (d == axis) {
        for (long dim : of(indices)) {
          dims.add(dim);
        }
      } else {
        dims.add(x.size(d));
      }
    }
    return taken.reshape(dims.stream().mapToLong(Long::longValue).toArray());
  }

  private Tensor slice(OnnxNode node, Tensor x, Map<String, Tensor> values) {
    if (node.inputs().size() < 3) {
      throw OnnxInterpreter.unsupported(node, "its bounds are attributes");
    }
    long[] starts = Torch.toLongs(values.get(node.inputs().get(1)));
    long[] ends = Torch.toLongs(values.get(node.inputs().get(2)));
    long[] axes = new long[starts.length];
    Arrays.setAll(axes, d -> d);
    if (node.input(3).isPresent()) {
      axes = constants.value(node, 3).longs();
    }
    Tensor out = x;
    for (int i = 0; i < starts.length; i++) {
      long step = node.input(4).isPresent() ? constants.value(node, 4).longs()[i] : 1;
      if (step < 1) {
        throw OnnxInterpreter.unsupported(node, "it goes backwards");
      }
      out = out.slice(axes[i], new LongOptional(starts[i]), new LongOptional(ends[i]), step);
    }
    return out;
  }

  private List<Tensor> split(OnnxNode node, Tensor x) {
    long axis = node.integer("axis", 0);
    int parts = node.outputs().size();
    long size = x.size(axis);
    long[] lengths = new long[parts];
    Arrays.fill(lengths, Math.ceilDiv(size, (long) parts));
    lengths[parts - 1] = size - (parts - 1) * lengths[0];
    if (node.input(1).isPresent()) {
      lengths = constants.value(node, 1).longs();
    } else {
      lengths = node.ints("split", lengths);
    }
    List<Tensor> out = new ArrayList<>();
    long from = 0;
    for (long length : lengths) {
      out.add(x.narrow(axis, from, length));
      from += length;
    }
    return out;
  }

  private static Tensor expand(Tensor x, long[] wanted) {
    long[] target = wanted.clone();
    int lead = target.length - (int) x.dim();
    for (int d = Math.max(0, lead); d < target.length; d++) {
      target[d] = target[d] == 1 ? x.size(d - lead) : target[d];
    }
    return x.expand(target);
  }

  private Tensor pad(OnnxNode node, Tensor x) {
    long[] pads = node.input(1).isPresent() ? constants.value(node, 1).longs() : node.ints("pads");
    if (!node.string("mode", "constant").equals("constant") || node.input(3).isPresent()) {
      throw OnnxInterpreter.unsupported(node, "only constant padding of all dimensions is known");
    }
    double value = node.input(2).isPresent() ? constants.value(node, 2).floats()[0] : 0;
    int rank = (int) x.dim();
    long[] order = new long[2 * rank];
    for (int d = 0; d < rank; d++) {
      order[2 * (rank - 1 - d)] = pads[d];
      order[2 * (rank - 1 - d) + 1] = pads[d + rank];
    }
    return constant_pad_nd(x, order, new Scalar(value));
  }

  private Tensor resize(OnnxNode node, Tensor x) {
    if (!node.string("mode", "nearest").equals("nearest") || x.dim() != 4) {
      throw OnnxInterpreter.unsupported(node, "only the nearest mode on images is known");
    }
    long[] size = new long[2];
    if (node.input(3).isPresent()) {
      long[] sizes = constants.value(node, 3).longs();
      size = new long[] {sizes[2], sizes[3]};
    } else {
      float[] scales = constants.value(node, 2).floats();
      size[0] = (long) (x.size(2) * scales[2]);
      size[1] = (long) (x.size(3) * scales[3]);
    }
    if (size[0] % x.size(2) != 0 || size[1] % x.size(3) != 0) {
      throw OnnxInterpreter.unsupported(node, "it does not enlarge by whole numbers");
    }
    return upsample_nearest2d(x, size);
  }
}
