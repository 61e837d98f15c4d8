package dev.lathe.service.ui;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.assertions.PageAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import dev.lathe.latency.RooflineProbes;
import dev.lathe.onnx.ElementType;
import dev.lathe.onnx.OnnxGraph;
import dev.lathe.service.LatheTestResource;
import dev.lathe.service.ModelSpaceApiTest;
import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.SearchState;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.http.ContentType;
import io.restassured.http.Cookie;
import jakarta.inject.Inject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Walks the pages over every shape that a search can have. */
@QuarkusTest
@WithTestResource(LatheTestResource.class)
class WebUiTest {
  private static final double PATIENCE_MILLIS = 30_000;

  private static Optional<Chromium> chromium = Optional.empty();

  @TestHTTPResource("/")
  URI service;

  @Inject SeededSearches seeded;

  private final List<String> troubles = new ArrayList<>();
  private Optional<BrowserContext> context = Optional.empty();

  @BeforeAll
  static void startChromium() {
    chromium = Chromium.find().map(Chromium::open);
  }

  @AfterAll
  static void stopChromium() {
    chromium.ifPresent(Chromium::close);
  }

  @BeforeEach
  void needChromium() {
    assumeTrue(
        chromium.isPresent(),
        "no Chromium in /usr/bin or LATHE_CHROMIUM (Debian: apt-get install chromium)");
  }

  @AfterEach
  void pageHadNoErrors() {
    context.ifPresent(BrowserContext::close);
    assertThat(troubles).isEmpty();
  }

  private Page open(String hash, int width, int height, ColorScheme colours) {
    BrowserContext fresh =
        chromium
            .orElseThrow()
            .browser()
            .newContext(
                new Browser.NewContextOptions()
                    .setViewportSize(width, height)
                    .setColorScheme(colours)
                    .setPermissions(List.of("clipboard-read", "clipboard-write")));
    context.ifPresent(BrowserContext::close);
    context = Optional.of(fresh);
    signIn(fresh);
    Page page = fresh.newPage();
    page.setDefaultTimeout(PATIENCE_MILLIS);
    page.onPageError(troubles::add);
    page.onConsoleMessage(
        message -> {
          if (message.text().contains("Content Security Policy")) {
            troubles.add(message.text());
          }
        });
    page.navigate(service + hash);
    return page;
  }

  private void signIn(BrowserContext browser) {
    Cookie session =
        RestAssured.given()
            .contentType(ContentType.JSON)
            .body("{\"key\":\"%s\"}".formatted(key()))
            .post("/api/v1/session")
            .then()
            .statusCode(204)
            .extract()
            .detailedCookies()
            .asList()
            .getFirst();
    browser.addCookies(
        List.of(
            new com.microsoft.playwright.options.Cookie(session.getName(), session.getValue())
                .setUrl(service.toString())));
  }

  private static String key() {
    try {
      return Files.readString(
              Path.of(ConfigProvider.getConfig().getValue("lathe.home", String.class))
                  .resolve("keys/admin.key"))
          .strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void browser_comesInByALinkOnce_andByAKey() {
    Page page = open("");
    see(page, "Searches");
    String link = RestAssured.post("/api/v1/session/links").path("link");
    context.orElseThrow().clearCookies();
    page.navigate(service + "#/link/" + link);
    page.reload();
    see(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Searches")).first());
    assertThat(page.url()).doesNotContain(link);
    assertThat(context.orElseThrow().cookies())
        .singleElement()
        .satisfies(
            cookie -> {
              assertThat(cookie.httpOnly).isTrue();
              assertThat(cookie.sameSite)
                  .isEqualTo(com.microsoft.playwright.options.SameSiteAttribute.STRICT);
            });

    context.orElseThrow().clearCookies();
    page.navigate("about:blank");
    page.navigate(service + "#/link/" + link);
    see(page, "the link was used before");
    see(page, "This service asks for an API key");
    page.locator("#api-key").fill("lathe_000000000000_" + "x".repeat(43));
    button(page, "Use this key").click();
    see(page, "not known");
    page.locator("#api-key").fill(key());
    button(page, "Use this key").click();
    assertThat(page.locator("dialog[open]")).hasCount(0);
    assertThat(context.orElseThrow().cookies()).hasSize(1);
  }

  private Page open(String hash) {
    return open(hash, 1280, 900, ColorScheme.LIGHT);
  }

  private static void see(Locator locator) {
    assertThat(locator).isVisible(new LocatorAssertions.IsVisibleOptions().setTimeout(30_000));
  }

  private static void see(Page page, String text) {
    see(page.getByText(text).first());
  }

  private static Locator button(Page page, String name) {
    return page.getByRole(
        AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
  }

  private static Locator table(Page page, String label) {
    return page.getByRole(
        AriaRole.REGION, new Page.GetByRoleOptions().setName(label).setExact(true));
  }

  /** How many pixels of the chart are not empty. */
  private static int inkOf(Page page) {
    see(page.locator("lathe-chart canvas").first());
    return ((Number)
            page.evaluate(
                """
                () => { const c = document.querySelector('lathe-chart canvas');
                  const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
                  let n = 0; for (let i = 3; i < d.length; i += 4) if (d[i] > 40) n++; return n; }
                """))
        .intValue();
  }

  private String launch(String json) {
    return RestAssured.given()
        .contentType(ContentType.JSON)
        .body(json)
        .post("/api/v1/searches")
        .then()
        .statusCode(201)
        .extract()
        .path("id");
  }

  @Test
  void list_withoutSearches_invitesToTheFirst() {
    seeded.clear();
    Page page = open("#/");
    see(page, "No search yet");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Launch the first one"))
        .click();
    see(page.getByLabel("Minutes"));
  }

  @Test
  void list_showsStatesAndBestFigures() {
    String id = seeded.search("with a front", SearchState.FINISHED, "");
    seeded.candidates(id, 30);
    seeded.front(id, 6, "bench-a");
    seeded.search("not begun", SearchState.PAUSED, "");
    Page page = open("#/");
    Locator row = page.locator("tr", new Page.LocatorOptions().setHasText("with a front")).first();
    see(row);
    assertThat(row).containsText("finished");
    // The last member is the best: 0.95 - 0.08 e^(-5/3) - 0.004 = 0.9309.
    assertThat(row).containsText("93.1 %");
    assertThat(row).containsText("0.0300");
    assertThat(page.locator("tr", new Page.LocatorOptions().setHasText("not begun")).first())
        .containsText("paused");
  }

  @Test
  void search_withoutCandidates_saysWhatComes() {
    String id = seeded.search("just begun", SearchState.PAUSED, "");
    Page page = open("#/searches/" + id);
    see(page, "Networks appear here as soon as the first are evaluated.");
    assertThat(page.locator("#progress-message")).hasText("step 400 of 1 309");
    assertThat(page.getByRole(AriaRole.PROGRESSBAR)).hasAttribute("aria-valuenow", "30");
    assertThat(page.locator("lathe-chart")).hasCount(0);
  }

  @Test
  void search_withOneCandidate_isDrawn() {
    String id = seeded.search("one", SearchState.PAUSED, "");
    seeded.candidates(id, 1);
    Page page = open("#/searches/" + id);
    assertThat(page.locator("lathe-chart .chart"))
        .hasAttribute("aria-label", Pattern.compile("1 candidates, 0 networks on the front"));
    assertThat(inkOf(page)).isGreaterThan(300);
  }

  @Test
  void search_withFiftyThousandCandidates_isDrawnThinnedOut() {
    String id = seeded.search("huge", SearchState.FINISHED, "");
    seeded.candidatesInBulk(id, 50_000);
    long begin = System.nanoTime();
    Page page = open("#/searches/" + id);
    see(page, "of 50,000 candidates drawn, all best ones among them.");
    assertThat(inkOf(page)).isGreaterThan(3000);
    assertThat((System.nanoTime() - begin) / 1e9).isLessThan(20);
    int drawn =
        ((Number) page.evaluate("() => document.querySelector('lathe-search').cloud.length"))
            .intValue();
    assertThat(drawn).isBetween(3800, 4100);
    int best =
        ((Number)
                page.evaluate(
                    "() => document.querySelector('lathe-search').cloud.filter(c => c.nonDominated).length"))
            .intValue();
    assertThat(best).isEqualTo(50);
  }

  @Test
  void finishedSearch_showsFrontBaselinesAndPredictors() {
    String id = seeded.search("done", SearchState.FINISHED, "");
    seeded.candidates(id, 200);
    seeded.front(id, 6, "bench-b");
    Page page = open("#/searches/" + id);
    Locator front = table(page, "Networks on the front");
    assertThat(front.locator("tbody tr")).hasCount(6);
    assertThat(front.locator("tbody tr").first()).containsText("0.0300");
    assertThat(front.locator("tbody tr").first()).containsText("0.0309 (0.0270–0.0345)");
    assertThat(front).containsText("90.50 % (85.70 %–93.80 %)");
    see(page, "these images do not tell the two apart");
    assertThat(table(page, "Baselines").locator("tbody tr")).hasCount(1);
    assertThat(table(page, "Latency predictors")).containsText("0.981");
    see(page, "1,309 steps, 2 min");
    assertThat(page.locator("lathe-chart .chart")).hasCount(3);
    assertThat(page.locator("lathe-chart .chart").first())
        .hasAttribute("aria-label", Pattern.compile("6 networks on the front, 1 baselines"));
  }

  @Test
  void frontTable_sortsByEveryColumnBothWays() {
    String id = seeded.search("to sort", SearchState.FINISHED, "");
    seeded.front(id, 6, "bench-c");
    Page page = open("#/searches/" + id);
    Locator front = table(page, "Networks on the front");
    assertThat(front.locator("tbody tr")).hasCount(6);
    for (String column : List.of("Validation", "p90 ms", "File", "MACs", "Parameters")) {
      Locator head = front.locator("th", new Locator.LocatorOptions().setHasText(column));
      head.locator("button").click();
      assertThat(head).hasAttribute("aria-sort", Pattern.compile("(a|de)scending"));
      List<String> once = ids(front);
      head.locator("button").click();
      assertThat(ids(front)).isNotEqualTo(once);
    }
    front.locator("th", new Locator.LocatorOptions().setHasText("Test")).locator("button").click();
    List<Double> accuracies =
        front.locator("tbody tr td:nth-child(5)").allInnerTexts().stream()
            .map(text -> Double.parseDouble(text.replace(" %", "")))
            .toList();
    assertThat(accuracies).isSortedAccordingTo(java.util.Comparator.reverseOrder());
  }

  private static List<String> ids(Locator table) {
    return table.locator("tbody tr").all().stream()
        .map(row -> row.getAttribute("data-id"))
        .toList();
  }

  @Test
  void tickedNetworks_areComparedSideBySide() {
    String id = seeded.search("to compare", SearchState.FINISHED, "");
    seeded.front(id, 6, "bench-d");
    Page page = open("#/searches/" + id);
    page.getByLabel("Compare net-0 float32").check();
    page.getByLabel("Compare net-1 float32").check();
    Locator comparison = table(page, "Comparison");
    see(comparison);
    assertThat(comparison.locator("tr", new Locator.LocatorOptions().setHasText("stage1.depth")))
        .containsText("12");
    assertThat(comparison).not().containsText("head");
    button(page, "Clear").click();
    assertThat(comparison).hasCount(0);
  }

  @Test
  void onnxLink_downloadsTheStoredFile() throws Exception {
    String id = seeded.search("to download", SearchState.FINISHED, "");
    seeded.front(id, 2, "bench-e");
    Page page = open("#/searches/" + id);
    Download download =
        page.waitForDownload(() -> page.getByLabel("Download net-0 int8 as ONNX").click());
    assertThat(download.suggestedFilename()).isEqualTo("net-0.onnx");
    Path file = Files.createTempFile("lathe", ".onnx");
    download.saveAs(file);
    assertThat(file).hasContent(SeededSearches.network(id, 1));
    Files.delete(file);
  }

  @Test
  void model_isCompressedByTheForm_andHandedOut() throws Exception {
    Page page = open("#/compressions");
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("Compress a model")).click();
    button(page, "Compress").click();
    see(page, "Choose an ONNX file.");
    Locator file = page.getByLabel("ONNX file");
    file.setInputFiles(model("broken.onnx", new byte[] {1, 2, 3}));
    button(page, "Compress").click();
    see(page, "the model cannot be read");
    file.setInputFiles(model("mine.onnx", RooflineProbes.graphs().getFirst().toBytes()));
    page.getByLabel("Recipe").selectOption("half");
    see(page, "Steps: simplify, half-storage.");
    page.getByLabel("Device").selectOption("Do not measure");
    button(page, "Compress").click();
    see(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("mine.onnx by half")));
    Locator files = table(page, "Files");
    assertThat(files.locator("tbody tr"))
        .hasCount(3, new LocatorAssertions.HasCountOptions().setTimeout(PATIENCE_MILLIS));
    assertThat(files.locator("tbody tr").last()).containsText("half-storage");
    assertThat(files.locator("tbody tr").last()).containsText("dB");
    Download download =
        page.waitForDownload(() -> page.getByLabel("Download half-storage as ONNX").click());
    Path half = Files.createTempFile("lathe", ".onnx");
    download.saveAs(half);
    assertThat(OnnxGraph.read(half).initializers())
        .anyMatch(tensor -> tensor.type() == ElementType.FLOAT16);
    Files.delete(half);
    page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("All compressions")).click();
    Locator row =
        page.locator("tr", new Page.LocatorOptions().setHasText("mine.onnx by half")).first();
    assertThat(row).containsText("finished");
    assertThat(row).containsText(Pattern.compile("5\\d %"));
  }

  private static FilePayload model(String name, byte[] content) {
    return new FilePayload(name, "application/onnx", content);
  }

  @Test
  void networkOfAFront_leadsToItsCompression() {
    String id = seeded.search("to compress", SearchState.FINISHED, "");
    seeded.front(id, 2, "bench-g");
    Page page = open("#/searches/" + id);
    page.getByLabel("Compare net-0 float32").check();
    page.getByLabel("Compress net-0 float32").click();
    see(page, "which Lathe keeps");
    assertThat(page.getByLabel("ONNX file")).hasCount(0);
  }

  @Test
  void failedSearch_showsWhy() {
    String id = seeded.search("broken", SearchState.FAILED, "a.jpg: the image cannot be read <b>");
    Page page = open("#/searches/" + id);
    see(page, "a.jpg: the image cannot be read <b>");
    see(button(page, "Resume"));
  }

  @Test
  void unknownSearch_isExplained() {
    Page page = open("#/searches/987654321");
    see(page, "No such search");
  }

  @Test
  void launchForm_namesWrongFields_alsoThoseThatTheServiceRefuses() {
    Page page = open("#/new");
    page.getByLabel("Minutes").fill("soon");
    page.getByLabel("Latency limit (ms)").fill("-2");
    button(page, "Launch search").click();
    see(page, "Minutes must be between 0.1 and 20160 (two weeks).");
    see(page, "The latency limit must be above 0 milliseconds.");
    assertThat(page.getByLabel("Latency limit (ms)")).isFocused();

    page.getByLabel("Minutes").fill("1");
    page.getByLabel("Latency limit (ms)").fill("");
    page.getByLabel("Data", exact()).selectOption("folder");
    button(page, "Launch search").click();
    see(page, "Choose an archive: zip, tar or tar.gz.");
    assertThat(page.getByLabel("Archive")).isFocused();
    assertThat(page.getByLabel("Archive")).hasAttribute("aria-invalid", "true");
    page.getByLabel("Archive")
        .setInputFiles(new FilePayload("shapes.zip", "application/zip", "no zip".getBytes(UTF_8)));
    button(page, "Launch search").click();
    see(page, "neither zip nor tar");
  }

  private static Page.GetByLabelOptions exact() {
    return new Page.GetByLabelOptions().setExact(true);
  }

  @Test
  void launchForm_sendsPictures_andOffersThemAgain() throws Exception {
    Page page = open("#/new");
    page.getByLabel("Data", exact()).selectOption("folder");
    page.getByLabel("Archive")
        .setInputFiles(
            new FilePayload(
                "my shapes.zip", "application/zip", archive("round/1.png", "square/2.png")));
    button(page, "Launch search").click();
    see(page, "dataset:my-shapes");
    Page again = open("#/new");
    again.getByLabel("Data", exact()).selectOption("stored");
    again.getByLabel("Data set").selectOption("my-shapes");
    button(again, "Launch search").click();
    see(again, "dataset:my-shapes");
  }

  private static byte[] archive(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void launchForm_launchesOnce_andLeadsToTheSearch() {
    Page page = open("#/new");
    String name = "from the form";
    page.getByLabel("Name").fill(name);
    page.getByLabel("Seed").fill("11");
    button(page, "Launch search").dblclick();
    assertThat(page)
        .hasURL(
            Pattern.compile("#/searches/\\d+$"),
            new PageAssertions.HasURLOptions().setTimeout(30_000));
    see(page, name);
    assertThat(page.locator(".state").first())
        .hasText("finished", new LocatorAssertions.HasTextOptions().setTimeout(30_000));
    List<String> names = RestAssured.get("/api/v1/searches?size=1000").path("items.name");
    assertThat(names.stream().filter(name::equals)).hasSize(1);
    // The command is the request again.
    see(page, "./lathe search create --request -");
    page.locator(".command").first().getByRole(AriaRole.BUTTON).click();
    see(page, "Copied");
    assertThat(page.evaluate("() => navigator.clipboard.readText()").toString())
        .startsWith("./lathe search create --request -")
        .contains("\"name\": \"from the form\"", "\"seed\": 11", "\"minutes\": 6");
  }

  @ParameterizedTest
  @CsvSource({
    "random, , ",
    "aging, population, 8",
    "nsga2, population, 12",
    "unsga3, , ",
    "predictor, batch, 5",
    "single-path, targets, 0.05",
    "netadapt, target, 0.7"
  })
  void launchForm_storesTheJsonThatTheApiStores_forEachMethod(
      String method, String setting, String value) {
    Page page = open("#/new");
    page.getByLabel("Method").selectOption(method);
    if (setting != null) {
      page.getByLabel(setting, new Page.GetByLabelOptions().setExact(true)).fill(value);
    }
    page.getByLabel("Evaluations").fill("24");
    page.getByLabel("Minutes").fill("2");
    page.getByLabel("Seed").fill("21");
    button(page, "Launch search").click();
    assertThat(page)
        .hasURL(
            Pattern.compile("#/searches/\\d+$"),
            new PageAssertions.HasURLOptions().setTimeout(30_000));
    String fromTheForm = page.url().replaceFirst(".*/", "");
    String settings =
        setting == null
            ? ""
            : ",\"%s\":%s"
                .formatted(setting, setting.equals("targets") ? "[" + value + "]" : value);
    String fromTheApi =
        launch(
            "{\"data\":\"builtin\",\"seed\":21,\"method\":{\"name\":\"%s\"%s},"
                    .formatted(method, settings)
                + "\"budget\":{\"minutes\":2,\"evaluations\":24}}");
    assertThat(RestAssured.get("/api/v1/searches/" + fromTheForm).<Object>path("request"))
        .isEqualTo(RestAssured.get("/api/v1/searches/" + fromTheApi).path("request"));
  }

  @Test
  void launchForm_sendsAModel_toBeCut() {
    Page page = open("#/new");
    page.getByLabel("Search space").selectOption("A trained model of mine, made slimmer");
    Locator method = page.getByLabel("Method");
    assertThat(method.locator("option[value=netadapt]")).isDisabled();
    button(page, "Launch search").click();
    see(page, "Choose an ONNX file.");
    page.getByLabel("ONNX file")
        .setInputFiles(
            new FilePayload("small.onnx", "application/onnx", ModelSpaceApiTest.model(3)));
    see(page, "Lathe has it: sha256:");
    Locator source = page.getByLabel("Source of the request");
    assertThat(source).hasValue(Pattern.compile("\"model\": \"sha256:[0-9a-f]{64}\""));
    button(page, "Fill in what is open").click();
    see(page, "This is what would be carried out.");
    String good = source.inputValue();
    page.getByLabel("ONNX file")
        .setInputFiles(
            new FilePayload("grey.onnx", "application/onnx", ModelSpaceApiTest.model(1)));
    assertThat(source).not().hasValue(good);
    button(page, "Launch search").click();
    see(page, "red, green and blue");
  }

  @Test
  void launchForm_andItsSource_sayTheSame() throws Exception {
    RestAssured.given()
        .contentType("text/csv")
        .body("gene:a,metric:top1_percent,metric:desk_latency_ms\n0,1,1\n1,2,2\n2,3,3\n")
        .put("/api/v1/tables/few")
        .then()
        .statusCode(200);
    Page page = open("#/new");
    page.getByLabel("Data").selectOption("table");
    page.getByLabel("Table", new Page.GetByLabelOptions().setExact(true)).selectOption("few");
    Locator method = page.getByLabel("Method");
    assertThat(method.locator("option[value=netadapt]")).isDisabled();
    assertThat(method.locator("option[value=netadapt]")).containsText("a table holds none");
    method.selectOption("aging");
    page.getByLabel("population").fill("2");
    page.getByLabel("sample").fill("1");
    Locator source = page.getByLabel("Source of the request");
    assertThat(source).hasValue(Pattern.compile("\"name\": \"aging\""));
    source.fill(source.inputValue().replace("\"seed\": 1", "\"seed\": 5"));
    assertThat(page.getByLabel("Seed")).hasValue("5");
    source.fill("{\"seed\":");
    see(page, "This is no JSON");
    source.fill("{\"seed\":6,\"space\":{\"table\":\"few\"},\"method\":{\"name\":\"random\"}}");
    button(page, "Fill in what is open").click();
    see(page, "This is what would be carried out.");
    assertThat(source).hasValue(Pattern.compile("\"maximize\": \"top1_percent\""));
    button(page, "Launch search").click();
    assertThat(page.locator(".state").first())
        .hasText("finished", new LocatorAssertions.HasTextOptions().setTimeout(30_000));
    assertThat(table(page, "Networks on the front").locator("tbody tr")).hasCount(3);
    see(page.getByText("Hypervolume").first());
    page.getByLabel("Vertical").selectOption("latency@desk");
  }

  @Test
  void runningSearch_growsWithoutReloading_andObeysItsButtons() {
    String id = launch("{\"name\":\"live\",\"settings\":{\"generations\":2000,\"stepMillis\":40}}");
    Page page = open("#/searches/" + id);
    Locator state = page.locator(".state").first();
    assertThat(state).hasText("running", new LocatorAssertions.HasTextOptions().setTimeout(30_000));
    page.waitForFunction("() => document.querySelector('lathe-search').cloud.length > 8");
    int before = cloud(page);
    page.waitForFunction("n => document.querySelector('lathe-search').cloud.length > n", before);
    assertThat(page.locator("#progress-message")).containsText("generation");

    button(page, "Pause").click();
    assertThat(state).hasText("paused", new LocatorAssertions.HasTextOptions().setTimeout(30_000));
    button(page, "Resume").click();
    assertThat(state).hasText("running", new LocatorAssertions.HasTextOptions().setTimeout(30_000));
    page.onDialog(dialog -> dialog.accept());
    button(page, "Cancel").click();
    assertThat(state)
        .hasText("cancelled", new LocatorAssertions.HasTextOptions().setTimeout(30_000));
    assertThat(button(page, "Pause")).hasCount(0);
  }

  private static int cloud(Page page) {
    return ((Number) page.evaluate("() => document.querySelector('lathe-search').cloud.length"))
        .intValue();
  }

  @Test
  void lostConnection_isToldAndMended() {
    String id = seeded.search("far away", SearchState.PAUSED, "");
    Page page = open("#/");
    page.route("**/events", Route::abort);
    page.navigate(service + "#/searches/" + id);
    see(page, "connection lost, trying again …");
    page.unroute("**/events");
    assertThat(page.getByText("connection lost"))
        .hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(30_000));
  }

  @Test
  void devices_areShownWithTheirPredictors() {
    String id = seeded.search("measured", SearchState.FINISHED, "");
    seeded.front(id, 2, "bench-f");
    Page page = open("#/devices");
    Locator card = page.getByLabel("bench-f");
    see(card);
    assertThat(card).containsText("Test Processor 3000");
    assertThat(card).containsText("0.962");
    assertThat(card).containsText("Measurements");
  }

  @Test
  void searchAndDevice_areDeletedOnTheirPages() {
    String id = seeded.search("not needed", SearchState.FINISHED, "");
    seeded.front(id, 2, "bench-gone");
    Page page = open("#/searches/" + id);
    page.onDialog(dialog -> dialog.accept());
    button(page, "Delete").click();
    see(page.getByRole(AriaRole.HEADING, new Page.GetByRoleOptions().setName("Searches")).first());
    RestAssured.get("/api/v1/searches/" + id).then().statusCode(404);

    QuarkusTransaction.requiringNew()
        .run(
            () -> DeviceRow.update("lastSeenAt = ?1 where name = ?2", Instant.EPOCH, "bench-gone"));
    page.navigate(service + "#/devices");
    button(page, "Delete bench-gone").click();
    assertThat(page.getByLabel("bench-gone", new Page.GetByLabelOptions().setExact(true)))
        .hasCount(0, new LocatorAssertions.HasCountOptions().setTimeout(30_000));
  }

  @Test
  void storage_showsWhatIsTaken_andEveryPageThatTheDiskIsFull() {
    Page page = open("#/storage");
    see(page.getByLabel("Disk", new Page.GetByLabelOptions().setExact(true)));
    assertThat(page.getByLabel("Disk", new Page.GetByLabelOptions().setExact(true)))
        .containsText("nothing is deleted by itself");
    assertThat(table(page, "Parts").locator("tbody tr").first()).containsText("%");

    page.route(
        "**/api/v1/disk",
        route ->
            route.fulfill(
                new Route.FulfillOptions()
                    .setContentType("application/json")
                    .setBody(
                        "{\"total\":1000000000000,\"free\":200000000,\"low\":true,\"home\":500000000000,\"parts\":{\"artifacts\":500000000000},\"retentionDays\":30,\"retentionDiskShare\":0.5}")));
    page.reload();
    see(page, "The service's disk is almost full: 200 MB are free.");
    see(page, "runs that ended more than 30 days ago are deleted");
    page.navigate(service + "#/devices");
    see(page, "The service's disk is almost full: 200 MB are free.");
  }

  @Test
  void searches_areComparedInOnePlot() {
    List<String> ids = new ArrayList<>();
    for (String name : List.of("left", "right")) {
      String id = seeded.search(name, SearchState.FINISHED, "");
      seeded.front(id, 4, "bench-g");
      ids.add(id);
    }
    Page page = open("#/compare?searches=" + String.join(",", ids));
    assertThat(page.locator("tbody tr")).hasCount(2);
    assertThat(inkOf(page)).isGreaterThan(1000);
  }

  @Test
  void everyPage_fitsAPhone_inBothColours() {
    String id = seeded.search("on the phone", SearchState.FINISHED, "");
    seeded.candidates(id, 50);
    seeded.front(id, 6, "bench-h");
    for (ColorScheme colours : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      for (String hash :
          Arrays.asList(
              "#/",
              "#/new",
              "#/devices",
              "#/storage",
              "#/compressions",
              "#/compressions/new",
              "#/searches/" + id)) {
        Page page = open(hash, 390, 844, colours);
        see(page.locator("main .card").first());
        assertThat(
                ((Number) page.evaluate("() => document.documentElement.scrollWidth")).intValue())
            .as("width of %s", hash)
            .isLessThanOrEqualTo(390);
        assertThat(page.locator("html"))
            .hasAttribute("data-theme", colours == ColorScheme.DARK ? "dark" : "light");
      }
    }
  }

  @Test
  void keyboard_reachesTheFormFromTheTop_withVisibleFocus() {
    Page page = open("#/");
    see(page.locator("main h1"));
    page.keyboard().press("Tab");
    assertThat(page.getByText("Skip to the page")).isFocused();
    for (String name : List.of("Lathe, all searches", "Searches", "New search")) {
      page.keyboard().press("Tab");
      Locator link =
          page.locator("header")
              .getByRole(
                  AriaRole.LINK, new Locator.GetByRoleOptions().setName(name).setExact(true));
      assertThat(link).isFocused();
      assertThat(link).hasCSS("outline-style", "solid");
    }
    page.keyboard().press("Enter");
    see(page.getByLabel("Minutes"));
  }

  @Test
  void colours_areKeptAcrossVisits() {
    Page page = open("#/");
    page.getByLabel("Switch to dark colours").click();
    assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
    page.reload();
    assertThat(page.locator("html")).hasAttribute("data-theme", "dark");
  }
}
