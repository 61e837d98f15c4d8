package dev.lathe.runs.stages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lathe.metric.Direction;
import dev.lathe.metric.Metric;
import dev.lathe.metric.Quantity;
import dev.lathe.runs.CandidateRecord;
import dev.lathe.runs.FrontMember;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.RequestDefaults;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.Budget;
import dev.lathe.runs.SearchRequest.Goal;
import dev.lathe.runs.SearchRequest.MethodChoice;
import dev.lathe.space.table.MeasurementTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/** A search among the rows of a table: nothing is trained, and its devices are columns. */
final class TableSearch {
  private static final int EVALUATIONS = 500;

  private TableSearch() {}

  /** The request with everything decided. */
  static SearchRequest filled(SearchRequest request, MeasurementTable table) {
    SearchRequest older =
        RequestDefaults.fill(
            request.withGoals(usual(request, table), request.constraints()), List.of());
    MethodChoice method =
        request.method().isEmpty() && older.method().orElseThrow().name().equals(Methods.EXPENSIVE)
            ? new MethodChoice(Methods.CHEAP, Map.of())
            : older.method().orElseThrow();
    boolean open =
        request.budget().evaluations().isEmpty() && !request.settings().containsKey("generations");
    return older
        .withMethod(method)
        .withForms(request.forms())
        .withBudget(
            new Budget(
                older.budget().minutes(),
                open ? OptionalInt.of(EVALUATIONS) : older.budget().evaluations(),
                older.budget().stagnation(),
                older.budget().spentSeconds()));
  }

  private static List<Goal> usual(SearchRequest request, MeasurementTable table) {
    if (!request.objectives().isEmpty()) {
      return request.objectives();
    }
    List<String> names = TableMetrics.names(table);
    List<Goal> goals = new ArrayList<>();
    names.stream()
        .filter(name -> TableMetrics.direction(name) == Direction.MAXIMIZE)
        .findFirst()
        .ifPresent(name -> goals.add(Goal.maximize(Metric.of(name))));
    names.stream()
        .filter(
            name -> {
              Metric metric = Metric.of(name);
              return metric.quantity().orElse(null) == Quantity.LATENCY
                  && (request.devices().isEmpty()
                      || metric.device().filter(request.devices()::contains).isPresent());
            })
        .findFirst()
        .ifPresent(name -> goals.add(Goal.minimize(Metric.of(name))));
    if (goals.isEmpty()) {
      goals.add(Goal.minimize(Metric.of(names.getFirst())));
    }
    return goals;
  }

  /**
   * Refuses metrics that the table has not, and forms.
   *
   * @throws InvalidSearch naming the field
   */
  static void check(SearchRequest request, MeasurementTable table) {
    List<String> names = TableMetrics.names(table);
    for (int i = 0; i < request.objectives().size(); i++) {
      require("objectives[" + i + "]", request.objectives().get(i).metric(), names, table);
    }
    for (int i = 0; i < request.constraints().size(); i++) {
      require("constraints[" + i + "]", request.constraints().get(i).metric(), names, table);
    }
    if (!request.forms().isEmpty()) {
      throw new InvalidSearch("forms", "the rows of a table have no forms. Maybe leave them out.");
    }
    if (request.budget().evaluations().isEmpty()) {
      throw new InvalidSearch("budget.evaluations", "is missing.");
    }
    Settings.of(request.settings());
  }

  private static void require(
      String field, Metric metric, List<String> names, MeasurementTable table) {
    if (!names.contains(metric.name())) {
      throw new InvalidSearch(
          field,
          "table '%s' has no metric '%s'. Maybe one of %s.".formatted(table.name(), metric, names));
    }
  }

  /** Carries it out. */
  static void run(RunFrame run, MeasurementTable table) {
    TableEvaluating evaluating = new TableEvaluating(table, run.goals());
    new Searching(run, evaluating).run();
    List<CandidateRecord> candidates = run.store().candidates();
    List<CandidateRecord> front = Selection.front(candidates);
    Set<CandidateRecord> chosen = Set.copyOf(front);
    List<FrontMember> members = new ArrayList<>();
    for (int i = 0; i < candidates.size(); i++) {
      CandidateRecord candidate = candidates.get(i);
      if (chosen.contains(candidate)) {
        members.add(FrontMember.candidate(i, candidate.figures()));
      }
    }
    run.store().front(members);
    run.store().report(report(run, table, candidates, front));
    run.progress(Stage.SEARCH, 1, "done: %d rows on the front".formatted(members.size()));
  }

  private static String report(
      RunFrame run,
      MeasurementTable table,
      List<CandidateRecord> candidates,
      List<CandidateRecord> front) {
    ObjectNode report = Facts.JSON.createObjectNode();
    report.put("seed", run.request().seed());
    report.set("request", dev.lathe.runs.RequestJson.tree(run.request()));
    report.putObject("table").put("name", table.name()).put("rows", table.rows());
    SearchReport.search(report, run, new dev.lathe.space.table.RecordedSpace(table), candidates);
    ArrayNode members = report.putArray("front");
    for (CandidateRecord candidate : front) {
      ObjectNode member = members.addObject();
      SearchReport.figures(member.putObject("figures"), candidate.figures());
      ObjectNode architecture = member.putObject("architecture");
      candidate.labels().forEach(architecture::put);
    }
    report.put("seconds", run.clock().seconds());
    return report.toPrettyString();
  }
}
