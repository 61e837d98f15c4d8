package dev.lathe.cli.compress;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.ForeignModel;
import dev.lathe.compress.calibration.CalibrationSource;
import dev.lathe.compress.claim.Budget;
import dev.lathe.compress.policy.CompressionPolicies;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.evolution.Constraint;
import dev.lathe.evolution.Evaluation;
import dev.lathe.evolution.Objective;
import dev.lathe.evolution.PredictorSearch;
import dev.lathe.evolution.Search;
import dev.lathe.evolution.SearchProblem;
import dev.lathe.evolution.SearchState;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.space.Architecture;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Searches how each layer of a model is best compressed. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    description = {
      "Searches how each layer of a model is best compressed, and writes the Pareto front's files.",
      "A search that was stopped goes on when the command is given again. With --max-drop, the first",
      "of --objectives decides which policy that keeps the limit is named; code 3 if none does.",
      "Example: lathe policy model.onnx --calibration folder:images --out front"
    })
public final class PolicyCommand implements Callable<Integer> {
  private static final String STATE = "search.json";

  @Parameters(index = "0", paramLabel = "MODEL", description = "ONNX file")
  private Path model = Path.of("");

  @Option(
      names = "--forms",
      split = ",",
      defaultValue = "float32,int8,weights8,weights4-gptq,low-rank",
      description = "what a layer may become: names of recipes (default: ${DEFAULT-VALUE})")
  private List<String> forms = List.of();

  @Option(
      names = "--calibration",
      required = true,
      description = {
        "builtin, folder:DIR, csv:FILE, zip:FILE, tar:FILE, parquet:FILE, idx:DIR, cifar:DIR, npz:FILE or noise:COUNT; judges the policies, too:",
        "by labels where there are some, else by agreement with the original"
      })
  private String calibration = "";

  @Option(
      names = "--objectives",
      split = ",",
      defaultValue = "bytes,millis",
      description = "what is minimized beside the error: bytes, millis or both (default: both)")
  private List<String> objectives = List.of();

  @Option(names = "--evaluations", defaultValue = "120", description = "policies that are tried")
  private int evaluations;

  @Mixin private BudgetOption limit = new BudgetOption();
  @Mixin private ImageOption images = new ImageOption();
  @Mixin private SizeOption size = new SizeOption();

  @Option(names = "--out", required = true, description = "folder for the files")
  private Path out = Path.of("");

  @Option(names = "--json", description = "file for the report")
  private Optional<Path> json = Optional.empty();

  @Option(names = "--seed", defaultValue = "1", description = "of data and search")
  private long seed;

  @Spec private CommandSpec spec = CommandSpec.create();

  /**
   * One policy.
   *
   * @param onnx its file; empty for those that are only compared with
   * @param testAccuracy on images that the search did not see
   */
  record Member(
      String onnx,
      long bytes,
      double millis,
      double validationAccuracy,
      double testAccuracy,
      Map<String, String> policy) {}

  /**
   * The report for machines.
   *
   * @param score accuracy, or agreement with the original where labels are not known
   * @param uniform each form given to all layers that can have it
   * @param budget null unless a limit was set
   */
  record Report(
      int evaluations,
      double seconds,
      String score,
      List<Member> front,
      Map<String, Member> uniform,
      PolicyLimit.@Nullable Told budget) {}

  @Override
  public Integer call() throws IOException {
    ForeignModel user = UserModel.read(model, calibration, size.sizes());
    OnnxGraph graph = user.graph();
    UserModel.print(user, spec.commandLine().getErr());
    List<CompressionRecipe> recipes = new ArrayList<>();
    for (String form : forms) {
      recipes.add(CompressCommand.recipe(form));
    }
    long start = System.nanoTime();
    CalibrationSource source = CalibrationSource.open(calibration, graph, images.options(), seed);
    CompressionPolicies policies = CompressionPolicies.of(graph, recipes, source.data());
    PolicyJudge judge = new PolicyJudge(user, policies, source, limit.command());
    Optional<Budget> budget = limit.budget();
    budget.ifPresent(judge::require);
    SearchProblem problem = problem(policies, judge, budget);
    Files.createDirectories(out);
    Search search = search(problem);
    if (search.state().trials().isEmpty()) {
      for (String form : policies.formNames()) {
        search.tell(List.of(judge.judge(policies.uniform(form))));
      }
    }
    while (search.state().trials().size() < evaluations) {
      List<Architecture> asked = search.ask(search.batch());
      if (asked.isEmpty()) {
        break;
      }
      search.tell(asked.stream().map(judge::judge).toList());
      save(search.state());
      progress(search);
    }
    if (search.front().isEmpty()) {
      throw new CompressionException(
          "none of %d policies could be judged: %s"
              .formatted(search.state().trials().size(), firstFailure(search)));
    }
    Map<Architecture, Member> front = front(search, judge);
    Optional<PolicyLimit.Told> told =
        budget.map(
            most ->
                new PolicyLimit(most, judge, policies, out)
                    .choose(search, objectives.getFirst(), front));
    Report report =
        new Report(
            search.state().trials().size(),
            (System.nanoTime() - start) / 1e9,
            judge.score(),
            List.copyOf(front.values()),
            uniform(policies, judge),
            told.orElse(null));
    print(report);
    if (json.isPresent()) {
      JsonFile.write(json.get(), report);
    }
    return told.map(PolicyLimit.Told::kept).orElse(true) ? 0 : 3;
  }

  private static String firstFailure(Search search) {
    return search.state().trials().stream()
        .flatMap(trial -> trial.result().stream())
        .filter(Evaluation.Failed.class::isInstance)
        .map(trial -> ((Evaluation.Failed) trial).reason())
        .findFirst()
        .orElse("no reason is known.");
  }

  private SearchProblem problem(
      CompressionPolicies policies, PolicyJudge judge, Optional<Budget> budget) {
    List<Objective> wanted = new ArrayList<>(List.of(Objective.maximize("accuracy")));
    for (String objective : objectives) {
      if (!objective.equals("bytes") && !objective.equals("millis")) {
        throw new ParameterException(
            spec.commandLine(),
            "--objectives: '%s' is neither bytes nor millis.".formatted(objective));
      }
      wanted.add(Objective.minimize(objective));
    }
    return new SearchProblem(
        policies,
        wanted,
        budget
            .map(
                most ->
                    List.of(Constraint.atLeast("accuracy", judge.originalScore() - most.most())))
            .orElse(List.of()));
  }

  private Search search(SearchProblem problem) throws IOException {
    Path state = out.resolve(STATE);
    if (!Files.exists(state)) {
      return Search.start(PredictorSearch.standard(), problem, seed);
    }
    try {
      return Search.resume(problem, SearchState.parse(Files.readString(state)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' belongs to another search: %s Maybe choose another --out."
              .formatted(state, e.getMessage()),
          e);
    }
  }

  private void save(SearchState state) throws IOException {
    Path beside = Files.writeString(out.resolve(STATE + ".part"), state.toJson());
    Files.move(beside, out.resolve(STATE), StandardCopyOption.REPLACE_EXISTING);
  }

  private void progress(Search search) {
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        "%d of %d policies tried, %d on the front%n",
        search.state().trials().size(), evaluations, search.front().size());
    err.flush();
  }

  private Map<Architecture, Member> front(Search search, PolicyJudge judge) {
    List<Evaluation.Measured> front = new ArrayList<>(search.front());
    front.sort(Comparator.comparingDouble(member -> member.metrics().get("bytes")));
    Map<Architecture, Member> members = new LinkedHashMap<>();
    for (Evaluation.Measured member : front) {
      Path file = out.resolve("policy-%d.onnx".formatted(members.size() + 1));
      judge.file(member.architecture()).write(file);
      members.put(member.architecture(), judge.member(file.toString(), member));
    }
    return members;
  }

  private static Map<String, Member> uniform(CompressionPolicies policies, PolicyJudge judge) {
    Map<String, Member> members = new LinkedHashMap<>();
    for (String form : policies.formNames()) {
      if (judge.judge(policies.uniform(form)) instanceof Evaluation.Measured measured) {
        members.put(form, judge.member("", measured));
      }
    }
    return members;
  }

  private void print(Report report) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("judged by %s%n", report.score());
    String row = "%-24s %9d bytes %8.4f ms  validation %.4f  test %.4f%n";
    report.uniform().forEach((form, m) -> print(out, row, "all " + form, m));
    for (Member member : report.front()) {
      print(out, row, Path.of(member.onnx()).getFileName().toString(), member);
    }
    if (report.budget() != null) {
      out.println(report.budget().sentence());
    }
    out.flush();
  }

  private static void print(PrintWriter out, String row, String name, Member member) {
    out.printf(
        row,
        name,
        member.bytes(),
        member.millis(),
        member.validationAccuracy(),
        member.testAccuracy());
  }
}
