package dev.lathe.service.search;

import dev.lathe.compress.CompressionException;
import dev.lathe.compress.recipe.CompressionRecipe;
import dev.lathe.compress.recipe.RecipeReader;
import dev.lathe.runs.CompressionRequest;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SearchRequest;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.RunKind;
import dev.lathe.service.store.SearchRow;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Compressions of models. Each is a run as a search is: queued with them, one at a time, begun anew
 * after a restart.
 */
@ApplicationScoped
public class Compressions {
  private static final String MODEL = "model";
  private static final String RECIPE = "recipe";
  private static final String MEASURE = "measure";
  private static final String NOISE = "noise:64";

  private final Searches searches;
  private final ArtifactFiles files;
  private final Inputs inputs;

  Compressions(Searches searches, ArtifactFiles files, Inputs inputs) {
    this.searches = searches;
    this.files = files;
    this.inputs = inputs;
  }

  /**
   * Launches a compression.
   *
   * @throws InvalidSearch naming the field that is wrong
   */
  public SearchRow launch(CompressionSubmission wanted, Optional<String> key) {
    String data = wanted.data() == null ? NOISE : wanted.data();
    check(wanted.recipe(), data);
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put(MODEL, sha256(wanted));
    settings.put(RECIPE, wanted.recipe());
    settings.put(MEASURE, !Boolean.FALSE.equals(wanted.measure()));
    String name =
        wanted.name() == null ? "compression by " + title(wanted.recipe()) : wanted.name();
    SearchRequest request =
        SearchRequest.of(data, wanted.seed() == null ? 1 : wanted.seed())
            .withName(Optional.of(name))
            .withDevices(wanted.device() == null ? List.of() : List.of(wanted.device()))
            .withSettings(settings);
    return searches.launch(request, key, RunKind.COMPRESSION);
  }

  private static String title(String recipe) {
    return CompressionRecipe.named(recipe).orElseGet(() -> RecipeReader.read(recipe)).name();
  }

  private void check(String recipe, String data) {
    if (recipe == null) {
      throw new InvalidSearch(
          RECIPE,
          "recipe is missing. Maybe one of %s.".formatted(CompressionRecipe.known().keySet()));
    }
    try {
      title(recipe);
    } catch (CompressionException e) {
      throw new InvalidSearch(
          RECIPE,
          "recipe is no known name, and as text: %s Known are %s."
              .formatted(e.getMessage(), CompressionRecipe.known().keySet()));
    }
    inputs.data(data);
  }

  private String sha256(CompressionSubmission wanted) {
    if ((wanted.artifact() == null) == (wanted.model() == null)) {
      throw new InvalidSearch(
          MODEL, "either 'artifact' or 'model' must say which model is to be compressed.");
    }
    if (wanted.model() != null) {
      if (!wanted.model().matches("[0-9a-f]{64}") || !Files.exists(files.path(wanted.model()))) {
        throw new InvalidSearch(
            MODEL,
            "no model with SHA-256 '%s' was sent. Maybe send it to /api/v1/compressions/models first."
                .formatted(wanted.model()));
      }
      return wanted.model();
    }
    return Transactions.call(
        () ->
            number(wanted.artifact())
                .flatMap(id -> ArtifactRow.<ArtifactRow>findByIdOptional(id))
                .filter(row -> row.contentDeletedAt == null)
                .map(row -> row.sha256)
                .orElseThrow(
                    () ->
                        new InvalidSearch(
                            "artifact",
                            "there is no artifact '%s'.".formatted(wanted.artifact()))));
  }

  private static Optional<Long> number(String text) {
    return text.matches("[0-9]{1,18}") ? Optional.of(Long.valueOf(text)) : Optional.empty();
  }

  /** What a launched compression asks for. */
  CompressionRequest request(SearchRequest request) throws IOException {
    Map<String, Object> settings = request.settings();
    return new CompressionRequest(
        files.get(String.valueOf(settings.get(MODEL))),
        String.valueOf(settings.get(RECIPE)),
        inputs.data(request.data()),
        request.seed(),
        Boolean.TRUE.equals(settings.get(MEASURE)));
  }

  /** A page of compressions, the newest first; {@code page} from 0. */
  public List<SearchRow> page(int page, int size) {
    return Transactions.call(
        () ->
            SearchRow.<SearchRow>find("kind = ?1 order by id desc", RunKind.COMPRESSION)
                .page(page, size)
                .list());
  }

  /** How many compressions there are. */
  public long count() {
    return Transactions.call(() -> SearchRow.count("kind", RunKind.COMPRESSION));
  }

  /** A compression. */
  public Optional<SearchRow> find(long id) {
    return searches.find(id).filter(row -> row.kind == RunKind.COMPRESSION);
  }
}
