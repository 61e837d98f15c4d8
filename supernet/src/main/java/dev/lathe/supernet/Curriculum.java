package dev.lathe.supernet;

import dev.lathe.graph.Subnet;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Which networks a training step trains, and what each learns from. */
@FunctionalInterface
public interface Curriculum extends AutoCloseable {
  /**
   * The networks of a step, in the order in which they are run. They may be closed when the next
   * step is asked for.
   */
  List<Pupil> at(long step);

  @Override
  default void close() {}

  /** One network alone, from labels: stand-alone training and fine-tuning. */
  static Curriculum only(Subnet subnet) {
    List<Subnet> subnets = List.of(subnet);
    return drawn(_ -> subnets);
  }

  /** One network alone, which is closed with the curriculum. */
  static Curriculum only(Pupil pupil) {
    List<Pupil> pupils = List.of(pupil);
    return new Curriculum() {
      @Override
      public List<Pupil> at(long step) {
        return pupils;
      }

      @Override
      public void close() {
        pupil.network().close();
      }
    };
  }

  /** One network alone, from labels and from a trained network's answers to the same images. */
  static Curriculum taught(Subnet subnet, OnnxGraph teacher) {
    Network fixed = Network.fixed(teacher);
    Curriculum only = only(Pupil.of(Network.of(subnet), fixed));
    return new Curriculum() {
      @Override
      public List<Pupil> at(long step) {
        return only.at(step);
      }

      @Override
      public void close() {
        only.close();
        fixed.close();
      }
    };
  }

  /** Subnets that differ from step to step: the first learns from labels, the others from it. */
  static Curriculum drawn(Drawing drawing) {
    return new DrawnSubnets(drawing);
  }

  /** The subnets of a step. */
  @FunctionalInterface
  interface Drawing {
    List<Subnet> at(long step);
  }

  /**
   * The sandwich rule: the largest, the smallest and two random architectures a step (Yu, Huang,
   * arXiv 1903.05134; BigNAS, arXiv 2003.11142).
   */
  static Curriculum sandwich(NetworkSpace space, RandomStreams streams, int randomOnes) {
    Subnet largest = space.subnet(space.largest());
    Subnet smallest = space.subnet(space.smallest());
    return drawn(
        step -> {
          RandomGenerator random = streams.at("sandwich", step);
          List<Subnet> lesson = new ArrayList<>();
          lesson.add(largest);
          for (int i = 0; i < randomOnes; i++) {
            lesson.add(space.subnet(space.sample(random)));
          }
          lesson.add(smallest);
          return lesson;
        });
  }

  /**
   * The largest architecture and random ones among which every choice of every gene occurs equally
   * often, as nearly as their number allows, in each step anew (strict fairness: Chu, Zhang, Xu,
   * FairNAS, arXiv 1907.01845; the largest comes first to distil from).
   *
   * @param networks how many besides the largest, at least 1
   */
  static Curriculum fair(NetworkSpace space, RandomStreams streams, int networks) {
    return drawn(fairly(space, streams, networks));
  }

  /** What {@link #fair} draws. */
  static Drawing fairly(NetworkSpace space, RandomStreams streams, int networks) {
    Subnet largest = space.subnet(space.largest());
    return step -> {
      List<Subnet> lesson = new ArrayList<>();
      lesson.add(largest);
      for (int[] network : fairChoices(space, streams.at("fair", step), networks)) {
        lesson.add(space.subnet(space.canonical(Architecture.of(network))));
      }
      return lesson;
    };
  }

  /** One row a network, one choice a gene; along each gene all choices equally often. */
  private static int[][] fairChoices(NetworkSpace space, RandomGenerator random, int networks) {
    int[][] choices = new int[networks][space.genes().size()];
    for (int gene = 0; gene < space.genes().size(); gene++) {
      int size = space.genes().get(gene).size();
      int first = random.nextInt(size);
      for (int i = 0; i < networks; i++) {
        int j = random.nextInt(i + 1);
        choices[i][gene] = choices[j][gene];
        choices[j][gene] = (first + i) % size;
      }
    }
    return choices;
  }
}
