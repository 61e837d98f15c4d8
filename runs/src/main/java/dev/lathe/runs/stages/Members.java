package dev.lathe.runs.stages;

import dev.lathe.graph.Subnet;
import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.RunStore;
import dev.lathe.runs.StoredArtifact;
import dev.lathe.supernet.WeightStore;
import java.util.List;

/** Fine-tunes networks of the search's front from the supernet's weights and writes their files. */
final class Members {
  private static final String SECONDS = "fineTune.seconds";

  private final Run run;
  private final Finishing finishing;

  Members(Run run, Finishing finishing) {
    this.run = run;
    this.finishing = finishing;
  }

  void run(WeightStore supernet) {
    List<CandidateRecord> front = Selection.front(run.store().candidates());
    if (front.isEmpty()) {
      throw new IllegalStateException(
          "none of %d networks keeps the constraints %s. Maybe loosen them, or widen the search space."
              .formatted(run.store().candidates().size(), run.request().constraints()));
    }
    List<CandidateRecord> chosen = Selection.spread(front, run.settings().members());
    double seconds =
        run.facts()
            .once(SECONDS, Double.class, () -> Baselines.fineTuneSeconds(run, chosen.size()));
    for (int i = 0; i < chosen.size(); i++) {
      String key = "member-" + (i + 1);
      if (finishing.isDone(key)) {
        continue;
      }
      CandidateRecord candidate = chosen.get(i);
      Subnet subnet = run.space().subnet(candidate.architecture());
      try (WeightStore store = supernet.copy()) {
        double done = i;
        Solo.Effort effort =
            new Solo(run)
                .train(
                    key,
                    subnet,
                    store,
                    run.settings().fineTuneSteps(),
                    seconds,
                    (fraction, message) ->
                        run.progress(
                            Stage.FINE_TUNING,
                            (done + fraction) / chosen.size(),
                            "fine-tuning %s of %d: %s".formatted(key, chosen.size(), message)));
        finishing.write(
            new Finishing.Network(
                key, ArtifactRecord.Kind.MEMBER, key, subnet, store, candidate.labels(), effort));
      }
    }
  }

  /** The longest that any member was fine-tuned. */
  static double longestSeconds(RunStore store) {
    return store.artifacts().stream()
        .map(StoredArtifact::record)
        .filter(record -> record.kind() == ArtifactRecord.Kind.MEMBER)
        .filter(record -> !record.labels().isEmpty())
        .mapToDouble(record -> record.fineTuneSeconds().orElse(0))
        .max()
        .orElse(0);
  }
}
