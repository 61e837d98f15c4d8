package dev.lathe.compress.channel;

import dev.lathe.space.elastic.ElasticStructure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** Takes channels away one by one, the weights that read the others made to fit each time. */
final class Elimination {
  /** Above this number of multiplications the order is a guess by energy. */
  private static final double MOST_WORK = 3e10;

  private Elimination() {}

  /** Ranks of a group's channels, that which left last first. */
  static int[] order(ChannelReaders readers, int group, int[] otherwise) {
    ElasticStructure structure = readers.structure();
    int channels = structure.groups().get(group).size();
    List<ReadMatrix> matrices = readers.of(group);
    double work = 0;
    for (ReadMatrix matrix : matrices) {
      double columns = matrix.rows().columns();
      work += columns * columns * (columns + matrix.rows().rows());
    }
    if (matrices.isEmpty()
        || !matrices.stream().allMatch(ReadMatrix::isKnown)
        || work > MOST_WORK) {
      return otherwise;
    }
    List<State> states = new ArrayList<>();
    for (ReadMatrix matrix : matrices) {
      states.add(State.of(matrix, matrix.ranks(structure, group), channels));
    }
    int[] order = new int[channels];
    boolean[] gone = new boolean[channels];
    for (int left = channels; left > 1; left--) {
      double[] losses = new double[channels];
      states.forEach(state -> state.addLosses(losses, gone));
      int least = -1;
      for (int channel = 0; channel < channels; channel++) {
        if (!gone[channel] && (least < 0 || losses[channel] < losses[least])) {
          least = channel;
        }
      }
      int leaving = least;
      states.forEach(state -> state.remove(leaving));
      gone[leaving] = true;
      order[left - 1] = leaving;
    }
    for (int channel = 0; channel < channels; channel++) {
      if (!gone[channel]) {
        order[0] = channel;
      }
    }
    return order;
  }

  /** What one reader does with the channels that are left. */
  private record State(DMatrixRMaj weights, DMatrixRMaj inverse, int[][] columns, double unit) {
    static State of(ReadMatrix matrix, int[] ranks, int channels) {
      int size = ranks.length;
      DMatrixRMaj gram = new DMatrixRMaj(size, size, true, matrix.gram().clone());
      Refitting.damp(gram);
      DMatrixRMaj inverse = new DMatrixRMaj(size, size);
      CommonOps_DDRM.invert(gram, inverse);
      double[] weights = new double[matrix.rows().values().length];
      Arrays.setAll(weights, i -> matrix.rows().values()[i]);
      int[][] columns = new int[channels][];
      for (int channel = 0; channel < channels; channel++) {
        int wanted = channel;
        columns[channel] =
            java.util.stream.IntStream.range(0, size).filter(c -> ranks[c] == wanted).toArray();
      }
      return new State(
          new DMatrixRMaj(matrix.rows().rows(), size, true, weights),
          inverse,
          columns,
          matrix.energy());
    }

    /** tr(W_S [(G⁻¹)_SS]⁻¹ W_Sᵀ) of each channel's columns S, relative to what the reader makes. */
    void addLosses(double[] losses, boolean[] gone) {
      for (int channel = 0; channel < losses.length; channel++) {
        if (gone[channel]) {
          continue;
        }
        DMatrixRMaj block = block(columns[channel]);
        DMatrixRMaj part = part(columns[channel]);
        DMatrixRMaj solved = new DMatrixRMaj(part.numRows, part.numCols);
        CommonOps_DDRM.mult(part, block, solved);
        double loss = 0;
        for (int i = 0; i < solved.getNumElements(); i++) {
          loss += solved.data[i] * part.data[i];
        }
        losses[channel] += loss / unit;
      }
    }

    /** [(G⁻¹)_SS]⁻¹. */
    private DMatrixRMaj block(int[] columns) {
      DMatrixRMaj block = new DMatrixRMaj(columns.length, columns.length);
      for (int i = 0; i < columns.length; i++) {
        for (int j = 0; j < columns.length; j++) {
          block.set(i, j, inverse.get(columns[i], columns[j]));
        }
      }
      CommonOps_DDRM.invert(block);
      return block;
    }

    /** W_S. */
    private DMatrixRMaj part(int[] columns) {
      DMatrixRMaj part = new DMatrixRMaj(weights.numRows, columns.length);
      for (int row = 0; row < weights.numRows; row++) {
        for (int i = 0; i < columns.length; i++) {
          part.set(row, i, weights.get(row, columns[i]));
        }
      }
      return part;
    }

    /** W −= W_S [(G⁻¹)_SS]⁻¹ (G⁻¹)_S:, and the same of G⁻¹ itself. */
    void remove(int channel) {
      int[] leaving = columns[channel];
      DMatrixRMaj rows = new DMatrixRMaj(leaving.length, inverse.numCols);
      for (int i = 0; i < leaving.length; i++) {
        System.arraycopy(
            inverse.data,
            leaving[i] * inverse.numCols,
            rows.data,
            i * inverse.numCols,
            inverse.numCols);
      }
      DMatrixRMaj gain = new DMatrixRMaj(leaving.length, inverse.numCols);
      CommonOps_DDRM.mult(block(leaving), rows, gain);
      CommonOps_DDRM.multAdd(-1, part(leaving), gain, weights);
      CommonOps_DDRM.multAddTransA(-1, rows, gain, inverse);
      for (int column : leaving) {
        inverse.set(column, column, 1); // it is gone: no other sees it
      }
    }
  }
}
