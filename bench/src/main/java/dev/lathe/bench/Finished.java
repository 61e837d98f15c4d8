package dev.lathe.bench;

import dev.lathe.data.Augmentation;
import dev.lathe.data.DataSet;
import dev.lathe.data.LabelledImages;
import dev.lathe.graph.Subnet;
import dev.lathe.onnx.CostReport;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.RandomStreams;
import dev.lathe.supernet.Curriculum;
import dev.lathe.supernet.Evaluator;
import dev.lathe.supernet.Trainer;
import dev.lathe.supernet.TrainingSettings;
import dev.lathe.supernet.WeightStore;
import dev.lathe.supernet.Workers;
import java.nio.file.Path;

/**
 * A network fine-tuned from inherited weights, and written as an ONNX file.
 *
 * @param inherited accuracy on validation images before the fine-tuning
 * @param validation accuracy on validation images, in ONNX Runtime
 * @param test accuracy on test images, in ONNX Runtime
 * @param macs multiply-adds for one image
 * @param parameters number of weights
 */
record Finished(double inherited, double validation, double test, long macs, long parameters) {
  private static final int STATISTICS_IMAGES = 256;

  /**
   * Fine-tunes and writes.
   *
   * @param store changed: the network's weights are trained in it
   */
  static Finished of(
      Subnet subnet,
      WeightStore store,
      long steps,
      int batch,
      DataSet data,
      RandomStreams streams,
      Workers workers,
      Path onnx) {
    double inherited = accuracy(subnet, store, data, data.validation(), streams, workers);
    try (Trainer trainer =
        new Trainer(
            store,
            data.train(),
            data.normalization(),
            TrainingSettings.of(steps, Augmentation.of(data)).withBatch(batch),
            Curriculum.only(subnet),
            streams,
            "finetune",
            workers)) {
      while (!trainer.finished()) {
        trainer.advance();
      }
    }
    try (Evaluator validation = evaluator(data, data.validation(), streams, workers);
        Evaluator test = evaluator(data, data.test(), streams, workers)) {
      OnnxGraph file = subnet.export(store::values, validation.statistics(store, subnet));
      file.write(onnx);
      byte[] bytes = file.toBytes();
      int side = Evaluator.side(subnet);
      CostReport cost = CostReport.of(file, 1);
      return new Finished(
          inherited,
          validation.accuracy(bytes, side).top1(),
          test.accuracy(bytes, side).top1(),
          cost.macs(),
          cost.parameters());
    }
  }

  /** Accuracy on some images, batch norms re-estimated. */
  static double accuracy(
      Subnet subnet,
      WeightStore store,
      DataSet data,
      LabelledImages images,
      RandomStreams streams,
      Workers workers) {
    try (Evaluator evaluator = evaluator(data, images, streams, workers)) {
      return evaluator.evaluate(store, java.util.List.of(subnet)).getFirst().accuracy().top1();
    }
  }

  static Evaluator evaluator(
      DataSet data, LabelledImages images, RandomStreams streams, Workers workers) {
    return new Evaluator(
        data.train(),
        STATISTICS_IMAGES,
        images,
        data.normalization(),
        data.classes().size(),
        streams,
        workers);
  }
}
