package dev.lathe.runs.stages;

import dev.lathe.data.DataSet;
import dev.lathe.data.LabelledImages;
import dev.lathe.space.RandomStreams;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Training and validation images together, each in one of some folds, in which every class has
 * nearly the same share.
 *
 * @param data with all of them as training images
 * @param fold [n], that of each image
 */
record Folds(DataSet data, int[] fold) {
  /** So many there are. */
  static final int COUNT = 5;

  /** Beyond so many images, a part that validates alone is sure enough. */
  static final int MOST_IMAGES = 2000;

  /**
   * Those of a data set; empty where images are many, or where the validation images are a part of
   * its own by the will of whoever divided the data.
   */
  static Optional<Folds> of(DataSet data, RandomStreams streams) {
    int images = data.train().size() + data.validation().size();
    if (!data.drawn() || images > MOST_IMAGES || images < 2 * COUNT) {
      return Optional.empty();
    }
    LabelledImages all = data.train().and(data.validation());
    int[] fold = new int[images];
    Random random = new Random(streams.at("folds", 0).nextLong());
    int next = 0;
    for (int c = 0; c < data.classes().size(); c++) {
      int label = c;
      List<Integer> own =
          new ArrayList<>(
              IntStream.range(0, images).filter(i -> all.label(i) == label).boxed().toList());
      Collections.shuffle(own, random);
      for (int image : own) {
        fold[image] = next++ % COUNT;
      }
    }
    return Optional.of(new Folds(data.withTrain(all), fold));
  }

  /** The data without the images of a fold. */
  DataSet without(int one) {
    return data.withTrain(
        data.train().subset(IntStream.range(0, fold.length).filter(i -> fold[i] != one).toArray()));
  }

  /** The images of a fold. */
  LabelledImages held(int one) {
    return data.train()
        .subset(IntStream.range(0, fold.length).filter(i -> fold[i] == one).toArray());
  }
}
