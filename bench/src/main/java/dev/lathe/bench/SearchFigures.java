package dev.lathe.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.evolution.Objective;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the runs of {@code bench search} found, one value a seed. */
final class SearchFigures {
  private final String algorithm;
  private final List<Objective> objectives;
  private final int evaluations;

  /** One verdict a seed, by the evaluations after which it was given. */
  private final Map<Integer, List<FrontJudge.Verdict>> verdicts = new TreeMap<>();

  private final List<Integer> used = new ArrayList<>();
  private long nanos;

  SearchFigures(String algorithm, List<Objective> objectives, int evaluations) {
    this.algorithm = algorithm;
    this.objectives = objectives;
    this.evaluations = evaluations;
  }

  void add(int after, FrontJudge.Verdict verdict) {
    verdicts.computeIfAbsent(after, _ -> new ArrayList<>()).add(verdict);
  }

  /** Counts a whole run. */
  void ran(int count, long runNanos) {
    used.add(count);
    nanos += runNanos;
  }

  /** Share of the exact front's hypervolume at the end of each run, in [0, 1]. */
  double[] hypervolumeShares() {
    return shares(verdicts.get(evaluations));
  }

  ObjectNode toJson(ObjectMapper mapper) {
    ObjectNode node = mapper.createObjectNode();
    node.put("algorithm", algorithm).put("evaluations", evaluations).put("seeds", used.size());
    into(node, verdicts.get(evaluations));
    if (used.stream().anyMatch(count -> count < evaluations)) {
      series(node.putObject("evaluationsUsed"), used.stream().mapToDouble(u -> u).toArray());
    }
    if (verdicts.size() > 1) {
      ArrayNode checkpoints = node.putArray("checkpoints");
      verdicts.forEach(
          (after, theirs) -> into(checkpoints.addObject().put("evaluations", after), theirs));
    }
    return node.put("evaluationsPerSecond", total() / seconds())
        .put("secondsPerRun", seconds() / used.size());
  }

  private void into(ObjectNode node, List<FrontJudge.Verdict> theirs) {
    if (objectives.size() > 1) {
      double[] shares = shares(theirs);
      series(node.putObject("hypervolumeShare"), shares)
          .put("min", Arrays.stream(shares).min().orElseThrow());
      series(
          node.putObject("igdPlus"),
          theirs.stream().mapToDouble(FrontJudge.Verdict::igdPlus).toArray());
    }
    ObjectNode bests = node.putObject("best");
    for (int m = 0; m < objectives.size(); m++) {
      series(bests.putObject(objectives.get(m).name()), best(theirs, m));
    }
  }

  private static ObjectNode series(ObjectNode node, double[] values) {
    node.put("mean", mean(values));
    ArrayNode all = node.putArray("values");
    Arrays.stream(values).forEach(all::add);
    return node;
  }

  void print(PrintWriter out) {
    out.printf("%s, %d evaluations, %d seeds%n", algorithm, evaluations, used.size());
    verdicts.forEach(
        (after, theirs) -> {
          out.printf("  after %d", after);
          if (objectives.size() > 1) {
            double[] shares = shares(theirs);
            out.printf(
                "  hypervolume share mean %.5f min %.5f  IGD+ mean %.5f",
                mean(shares),
                Arrays.stream(shares).min().orElseThrow(),
                mean(theirs.stream().mapToDouble(FrontJudge.Verdict::igdPlus).toArray()));
          }
          for (int m = 0; m < objectives.size(); m++) {
            out.printf("  best %s mean %.4f", objectives.get(m).name(), mean(best(theirs, m)));
          }
          out.println();
        });
    out.printf(
        "  %.0f evaluations/s, %.3f s a run%n", total() / seconds(), seconds() / used.size());
    out.flush();
  }

  private static double[] shares(List<FrontJudge.Verdict> theirs) {
    return theirs.stream().mapToDouble(FrontJudge.Verdict::share).toArray();
  }

  private static double[] best(List<FrontJudge.Verdict> theirs, int objective) {
    return theirs.stream().mapToDouble(verdict -> verdict.best()[objective]).toArray();
  }

  private long total() {
    return used.stream().mapToLong(Integer::longValue).sum();
  }

  private double seconds() {
    return nanos / 1e9;
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }
}
