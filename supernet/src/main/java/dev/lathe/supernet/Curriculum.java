package dev.lathe.supernet;

import dev.lathe.graph.NetworkGraph;
import dev.lathe.space.Architecture;
import dev.lathe.space.NetworkSpace;
import dev.lathe.space.RandomStreams;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Which networks a training step trains. */
@FunctionalInterface
public interface Curriculum {
  /**
   * The networks of a step: the first learns from the labels, the others from the first's answers
   * to the same images (in-place distillation).
   */
  List<NetworkGraph> at(long step);

  /** One network alone: stand-alone training and fine-tuning. */
  static Curriculum only(NetworkGraph graph) {
    List<NetworkGraph> lesson = List.of(graph);
    return _ -> lesson;
  }

  /**
   * The sandwich rule: the largest, the smallest and two random architectures a step (Yu, Huang,
   * arXiv 1903.05134; BigNAS, arXiv 2003.11142).
   */
  static Curriculum sandwich(NetworkSpace space, RandomStreams streams, int randomOnes) {
    NetworkGraph largest = space.network(space.largest());
    NetworkGraph smallest = space.network(space.smallest());
    return step -> {
      RandomGenerator random = streams.at("sandwich", step);
      List<NetworkGraph> lesson = new ArrayList<>();
      lesson.add(largest);
      for (int i = 0; i < randomOnes; i++) {
        lesson.add(space.network(space.sample(random)));
      }
      lesson.add(smallest);
      return lesson;
    };
  }

  /**
   * The largest architecture and random ones among which every choice of every gene occurs equally
   * often, as nearly as their number allows, in each step anew (strict fairness: Chu, Zhang, Xu,
   * FairNAS, arXiv 1907.01845; the largest comes first to distil from).
   *
   * @param networks how many besides the largest, at least 1
   */
  static Curriculum fair(NetworkSpace space, RandomStreams streams, int networks) {
    NetworkGraph largest = space.network(space.largest());
    return step -> {
      RandomGenerator random = streams.at("fair", step);
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
      List<NetworkGraph> lesson = new ArrayList<>();
      lesson.add(largest);
      for (int[] network : choices) {
        lesson.add(space.network(space.canonical(Architecture.of(network))));
      }
      return lesson;
    };
  }
}
