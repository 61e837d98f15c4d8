package dev.lathe.runs.stages;

import dev.lathe.metric.Quantity;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.GenerationState;
import dev.lathe.space.Architecture;
import dev.lathe.supernet.WeightStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * A search whose method trains networks itself and proposes what it found. Each proposal is a
 * generation of one candidate per form, evaluated with the weights that the method left; after a
 * restart the method goes on from its own checkpoints, and what is noted is not evaluated again.
 */
final class TrainedSearching {
  private static final String FOUND = "trained.found.";

  private final Run run;
  private final Predictors predictors;
  private final Function<WeightStore, Evaluating> evaluating;

  /**
   * @param evaluating with the weights given
   */
  TrainedSearching(Run run, Predictors predictors, Function<WeightStore, Evaluating> evaluating) {
    this.run = run;
    this.predictors = predictors;
    this.evaluating = evaluating;
  }

  /**
   * What a method found.
   *
   * @param architecture its choices by gene name
   * @param weights file of its weights
   */
  record Proposal(Map<String, String> architecture, Path weights) {}

  /** Predicts the median latency of float32 networks on the first device. */
  ToDoubleFunction<Architecture> latency() {
    String device = run.measurements().device().name();
    DevicePredictor predictor =
        predictors.of(new Slot(device, Form.FLOAT32, Quantity.LATENCY)).orElseThrow();
    return architecture ->
        predictor.predict(NetworkFeatures.of(run.space().subnet(architecture))).millis();
  }

  /** Evaluates and notes a proposal under its number, unless that is done. */
  void propose(int number, Proposal proposal, HypervolumeHistory history) {
    run.facts().put(FOUND + number, Found.of(run, proposal));
    if (run.store().lastGeneration().map(GenerationState::number).orElse(-1) >= number) {
      return;
    }
    try (WeightStore store = weights(proposal.weights())) {
      FormSpace space = new FormSpace(run.space(), run.forms().active());
      Architecture network = run.space().parse(proposal.architecture());
      List<Architecture> inForms = new ArrayList<>();
      for (Form form : run.forms().active()) {
        inForms.add(space.joined(network, form));
      }
      List<CandidateRecord> candidates = evaluating.apply(store).evaluate(inForms);
      run.store()
          .generation(
              number,
              history.noted(candidates),
              "{\"method\":\"%s\"}".formatted(run.request().method().orElseThrow().name()));
    }
  }

  /** A fact: where the weights of a network lie, relative to the work folder. */
  record Found(Map<String, String> architecture, String weights) {
    static Found of(Run run, Proposal proposal) {
      return new Found(
          proposal.architecture(), run.workFolder().relativize(proposal.weights()).toString());
    }
  }

  /** The weights with which the fine-tuning of a candidate begins. */
  WeightStore weightsOf(CandidateRecord candidate) {
    Architecture network =
        new FormSpace(run.space(), run.forms().active()).network(candidate.architecture());
    for (int number = 0; ; number++) {
      Found found = run.facts().get(FOUND + number, Found.class).orElse(null);
      Objects.requireNonNull(found, "a candidate was proposed by nobody");
      if (run.space().parse(found.architecture()).equals(network)) {
        return weights(run.workFolder().resolve(found.weights()));
      }
    }
  }

  private WeightStore weights(Path file) {
    WeightStore store =
        WeightStore.initialised(run.space().specs(), run.streams().at("supernet.weights", 0));
    try {
      store.load(dev.lathe.supernet.Safetensors.read(file).tensors());
      return store;
    } catch (java.io.IOException e) {
      store.close();
      throw new java.io.UncheckedIOException(
          "the weights of a network that was found cannot be read: " + e.getMessage(), e);
    }
  }
}
