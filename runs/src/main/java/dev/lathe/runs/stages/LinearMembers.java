package dev.lathe.runs.stages;

import dev.lathe.data.DataException;
import dev.lathe.onnx.OnnxException;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.onnx.trial.ModelTrial;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.supernet.transfer.Backbone;
import dev.lathe.supernet.transfer.GradientFeatures;
import dev.lathe.supernet.transfer.LinearNetwork;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Linear classifiers on fixed features: of image gradients where images are few, and of a trained
 * backbone where one was brought. They take seconds, are points of the plot, and what a network
 * that was trained must beat.
 */
final class LinearMembers {
  /** Up to so many training images, a linear classifier on gradients is tried. */
  static final int FEW = 2000;

  static final String GRADIENTS = "linear-gradients";
  static final String BACKBONE = "linear-backbone";

  private final Run run;
  private final Finishing finishing;

  LinearMembers(Run run, Finishing finishing) {
    this.run = run;
    this.finishing = finishing;
  }

  void run() {
    run.settings().from().ifPresent(this::backbone);
    int side = Math.min(run.data().shape().height(), run.data().shape().width());
    boolean square = run.data().shape().height() == run.data().shape().width();
    if (run.data().train().size() <= FEW && side >= 8 && square) {
      if (!finishing.isStored(GRADIENTS)) {
        double start = run.clock().seconds();
        run.progress(Stage.TRAINING, 0, "a linear classifier on image gradients");
        write(GRADIENTS, GradientFeatures.of(side, run.data().normalization()), side, start);
      }
    }
  }

  private void backbone(Path file) {
    if (finishing.isStored(BACKBONE)) {
      return;
    }
    double start = run.clock().seconds();
    run.progress(Stage.TRAINING, 0, "a linear classifier on the backbone");
    try {
      OnnxGraph model = OnnxGraph.read(file);
      try (ModelTrial trial = ModelTrial.within(ModelTrial.Limits.DEFAULT)) {
        trial.check(model, Map.of());
      }
      Backbone backbone = Backbone.of(model, run.data().normalization());
      write(BACKBONE, backbone.features(), backbone.side(), start);
    } catch (OnnxException e) {
      throw new DataException("the backbone of settings.from cannot be used: " + e.getMessage());
    }
  }

  private void write(String key, OnnxGraph features, int side, double start) {
    LinearNetwork network =
        LinearNetwork.fit(
            features,
            side,
            run.folds().map(Folds::data).orElse(run.data()),
            FEW,
            run.request().seed(),
            run.workers());
    double seconds = run.clock().seconds() - start;
    finishing.write(
        new Finishing.Network(
            key,
            ArtifactRecord.Kind.MEMBER,
            network.graph(),
            Map.of(),
            new Solo.Effort(0, 0, seconds),
            run.folds().isPresent() ? Map.of(Form.FLOAT32, network.crossValidated()) : Map.of()),
        List.of(Form.FLOAT32));
  }
}
