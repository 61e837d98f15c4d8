package dev.lathe.system;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The one dependency rule: arrows point inwards, and the core knows neither Quarkus nor SQL. */
class ArchitectureTest {
  /** For each module, the modules whose classes it may use. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.ofEntries(
          Map.entry("onnx", Set.of()),
          Map.entry("data", Set.of()),
          Map.entry("search-space", Set.of("onnx")),
          Map.entry("evolution", Set.of("search-space", "onnx")),
          Map.entry("latency-predictors", Set.of("search-space", "onnx")),
          Map.entry("compressor", Set.of("search-space", "onnx", "data")),
          Map.entry("device-farm", Set.of("search-space", "onnx", "compressor")),
          Map.entry(
              "supernet",
              Set.of(
                  "search-space", "onnx", "data", "evolution", "latency-predictors", "compressor")),
          Map.entry(
              "runs",
              Set.of(
                  "search-space",
                  "onnx",
                  "data",
                  "evolution",
                  "latency-predictors",
                  "compressor",
                  "device-farm",
                  "supernet")),
          Map.entry("service", core()),
          Map.entry("cli", core()),
          Map.entry("bench", with(core(), "cli")));

  private static final List<String> CORE =
      List.of(
          "onnx",
          "data",
          "search-space",
          "evolution",
          "latency-predictors",
          "compressor",
          "device-farm",
          "supernet",
          "runs");

  private static final Map<String, JavaClasses> MODULES = new LinkedHashMap<>();

  private static Set<String> core() {
    return Set.of(
        "onnx",
        "data",
        "search-space",
        "evolution",
        "latency-predictors",
        "compressor",
        "device-farm",
        "supernet",
        "runs");
  }

  private static Set<String> with(Set<String> modules, String another) {
    Set<String> all = new TreeSet<>(modules);
    all.add(another);
    return all;
  }

  @BeforeAll
  static void importModules() {
    Path root = Path.of(System.getProperty("lathe.root"));
    for (String module : ALLOWED.keySet()) {
      Path classes = root.resolve(module).resolve("target/classes");
      assertThat(Files.isDirectory(classes)).as("module %s is built", module).isTrue();
      MODULES.put(module, new ClassFileImporter().importPath(classes));
    }
  }

  @Test
  void modules_useOnlyThoseFurtherIn() {
    Map<String, String> moduleOf = new HashMap<>();
    MODULES.forEach(
        (module, classes) -> classes.forEach(type -> moduleOf.put(type.getFullName(), module)));
    assertThat(new TreeSet<>(moduleOf.values())).containsAll(CORE);

    Set<String> wrong = new TreeSet<>();
    MODULES.forEach(
        (module, classes) -> {
          for (JavaClass type : classes) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
              String target =
                  moduleOf.get(dependency.getTargetClass().getBaseComponentType().getFullName());
              if (target != null
                  && !target.equals(module)
                  && !ALLOWED.get(module).contains(target)) {
                wrong.add(module + " → " + target + ": " + dependency.getDescription());
              }
            }
          }
        });
    assertThat(wrong).isEmpty();
  }

  @Test
  void core_knowsNeitherQuarkusNorSql() {
    for (String module : CORE) {
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                  "io.quarkus..",
                  "io.vertx..",
                  "io.smallrye..",
                  "jakarta..",
                  "java.sql..",
                  "javax.sql..",
                  "org.hibernate..",
                  "org.postgresql.."))
          .allowEmptyShould(true)
          .check(MODULES.get(module));
    }
  }

  @Test
  void core_speaksHttpInTheAgentAlone() {
    for (String module : CORE) {
      noClasses()
          .that(not(resideInAPackage("dev.lathe.farm.agent..")))
          .should()
          .dependOnClassesThat(resideInAnyPackage("java.net.http..", "com.sun.net.httpserver.."))
          .allowEmptyShould(true)
          .check(MODULES.get(module));
    }
  }

  @Test
  void runs_knowNeitherHttpNorSqlNorInjection() {
    noClasses()
        .should()
        .dependOnClassesThat(
            resideInAnyPackage(
                "java.net.http..",
                "com.sun.net.httpserver..",
                "java.sql..",
                "javax.sql..",
                "jakarta..",
                "io.quarkus..",
                "org.hibernate.."))
        .check(MODULES.get("runs"));
  }

  @Test
  void packagesOfTheService_haveNoCycles() {
    slices()
        .matching("dev.lathe.service.(*)..")
        .should()
        .beFreeOfCycles()
        .check(MODULES.get("service"));
  }
}
