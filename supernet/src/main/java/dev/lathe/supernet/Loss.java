package dev.lathe.supernet;

import static org.bytedeco.pytorch.global.torch.cross_entropy_loss;
import static org.bytedeco.pytorch.global.torch.softmax;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** What a network's outputs are compared with, and how. */
public sealed interface Loss {
  /**
   * What there is to compare with.
   *
   * @param targets classes [n], shares of classes [n, classes], or numbers as the first output has
   *     them
   * @param teacher the teacher's outputs; none without a teacher
   * @param smoothing share of a label that is spread over all classes
   */
  record Evidence(Optional<Tensor> targets, List<Tensor> teacher, double smoothing) {
    private Tensor labels() {
      return targets.orElseThrow(
          () -> new IllegalArgumentException("there are no labels to learn from."));
    }
  }

  /** A number; gradients pass to the outputs alone. */
  default Tensor of(List<Tensor> outputs, Evidence evidence) {
    Tensor first = outputs.getFirst();
    return switch (this) {
      case Labels _ -> crossEntropy(first, evidence.labels(), evidence.smoothing());
      case SoftAnswers(double temperature) -> soft(first, evidence, temperature);
      case Mixed(double labels, double temperature) ->
          soft(first, evidence, temperature)
              .mul(new Scalar(1 - labels))
              .add(
                  crossEntropy(first, evidence.labels(), evidence.smoothing())
                      .mul(new Scalar(labels)));
      case Agreement _ -> agreement(outputs, evidence.teacher());
      case Numbers _ -> agreement(List.of(first), List.of(evidence.labels()));
    };
  }

  /** Cross-entropy with the labels. */
  record Labels() implements Loss {}

  /**
   * Cross-entropy with the teacher's answers, both softened by a temperature, times its square
   * (Hinton et al., arXiv 1503.02531).
   */
  record SoftAnswers(double temperature) implements Loss {
    public SoftAnswers {
      check("temperature", temperature, 0.1, 100);
    }
  }

  /**
   * Labels and soft answers.
   *
   * @param labels weight of the labels, in [0, 1]
   */
  record Mixed(double labels, double temperature) implements Loss {
    public Mixed {
      check("labels", labels, 0, 1);
      check("temperature", temperature, 0.1, 100);
    }
  }

  /**
   * Mean over the outputs of the squared distance from the teacher's, in parts of the teacher's own
   * variance: for outputs of any kind and shape.
   */
  record Agreement() implements Loss {}

  /** The same distance of the first output from the targets. */
  record Numbers() implements Loss {}

  private static void check(String name, double value, double least, double most) {
    if (!(value >= least && value <= most)) {
      throw new IllegalArgumentException(
          "%s must lie in [%s, %s], not %s.".formatted(name, least, most, value));
    }
  }

  private static Tensor soft(Tensor logits, Evidence evidence, double temperature) {
    Tensor teacher = evidence.teacher().getFirst();
    if (temperature == 1) {
      return crossEntropy(logits, softmax(teacher, 1), 0);
    }
    Scalar t = new Scalar(temperature);
    return crossEntropy(logits.div(t), softmax(teacher.div(t), 1), 0)
        .mul(new Scalar(temperature * temperature));
  }

  private static Tensor crossEntropy(Tensor logits, Tensor answers, double smoothing) {
    return cross_entropy_loss(
        logits, answers, new TensorOptional(), torch.Reduction.Mean.value, -100, smoothing);
  }

  private static Tensor agreement(List<Tensor> outputs, List<Tensor> wanted) {
    Tensor sum = null;
    for (int i = 0; i < outputs.size(); i++) {
      Tensor truth = wanted.get(i).detach();
      Tensor difference = outputs.get(i).sub(truth);
      Tensor centred = truth.sub(truth.mean());
      Tensor unit = centred.mul(centred).mean().add(new Scalar(1e-12));
      Tensor term = difference.mul(difference).mean().div(unit);
      sum = sum == null ? term : sum.add(term);
    }
    if (sum == null) {
      throw new IllegalArgumentException("the network has no outputs to compare.");
    }
    return sum.div(new Scalar((double) outputs.size()));
  }
}
