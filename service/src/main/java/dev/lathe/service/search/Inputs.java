package dev.lathe.service.search;

import dev.lathe.runs.ArtifactRecord;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import dev.lathe.service.data.DataShelf;
import dev.lathe.service.store.ArtifactFiles;
import dev.lathe.service.store.ArtifactRow;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a request names, found on this machine: its space, its data set, the weights it begins with.
 * Requests name things of the service; where these lie is known to the service alone.
 */
@ApplicationScoped
class Inputs {
  private static final String WEIGHTS = "initialWeights";
  private static final String BACKBONE = "from";

  private final SpaceShelf spaces;
  private final DataShelf data;
  private final ArtifactFiles files;

  Inputs(SpaceShelf spaces, DataShelf data, ArtifactFiles files) {
    this.spaces = spaces;
    this.data = data;
    this.files = files;
  }

  /**
   * What the orchestration is asked to do.
   *
   * @throws InvalidSearch naming the field that is wrong
   */
  SearchRequest resolve(SearchRequest request) {
    SearchRequest named = spaces.resolve(request);
    return named
        .withSpace(named.space().map(this::located))
        .withData(data.locate(request.data()))
        .withSettings(settings(request.settings()));
  }

  /** What the things that a request names are at this moment. */
  Pins pins(SearchRequest request) {
    Map<String, String> hashes = new TreeMap<>();
    request
        .space()
        .ifPresent(
            space -> {
              switch (space) {
                case SpaceChoice.Named(String name) ->
                    spaces
                        .stored(name)
                        .ifPresent(
                            text ->
                                hashes.put(
                                    "search space '%s'".formatted(name),
                                    ArtifactFiles.sha256(text.getBytes(StandardCharsets.UTF_8))));
                case SpaceChoice.Table(String name) ->
                    TableShelf.sha256(name)
                        .ifPresent(sha256 -> hashes.put("table '%s'".formatted(name), sha256));
                case SpaceChoice.Defined defined -> {} // stands in the request
                case SpaceChoice.Model model -> {} // named by its hash
              }
            });
    data.sha256(request.data())
        .ifPresent(sha256 -> hashes.put("data set '%s'".formatted(request.data()), sha256));
    return new Pins(hashes);
  }

  /** Where a data set that a request names lies. */
  String data(String name) {
    return data.locate(name);
  }

  /** A text in which data sets are told by their names instead of where they lie. */
  String withoutPlaces(String text) {
    return data.withoutPlaces(text);
  }

  private SpaceChoice located(SpaceChoice space) {
    return space instanceof SpaceChoice.Model(String reference, Optional<Path> ignored)
        ? new SpaceChoice.Model(reference, Optional.of(sent("space.model", reference)))
        : space;
  }

  private Map<String, Object> settings(Map<String, Object> settings) {
    Map<String, Object> found = new LinkedHashMap<>(settings);
    found.computeIfPresent(
        WEIGHTS, (_, id) -> files.path(artifact(id.toString()).sha256).toString());
    found.computeIfPresent(
        BACKBONE, (_, model) -> sent("settings." + BACKBONE, model.toString()).toString());
    return found;
  }

  /** Where a model lies that was sent. */
  private Path sent(String field, String model) {
    return Optional.of(model)
        .filter(text -> text.matches("sha256:[0-9a-f]{64}"))
        .map(text -> files.path(text.substring("sha256:".length())))
        .filter(Files::isRegularFile)
        .orElseThrow(
            () ->
                new InvalidSearch(
                    field,
                    "%s must be sha256: and the hash of a model that was sent, not '%s'. Maybe send it to /api/v1/compressions/models first."
                        .formatted(
                            field.substring(field.indexOf('.') + 1),
                            model.length() > 72 ? model.substring(0, 72) : model)));
  }

  private static ArtifactRow artifact(String id) {
    return Optional.of(id)
        .filter(text -> text.matches("[0-9]{1,18}"))
        .flatMap(
            number ->
                Transactions.call(
                    () -> ArtifactRow.<ArtifactRow>findByIdOptional(Long.valueOf(number))))
        .filter(row -> row.mediaType.equals(ArtifactRecord.SAFETENSORS))
        .filter(row -> row.contentDeletedAt == null)
        .orElseThrow(
            () ->
                new InvalidSearch(
                    "settings." + WEIGHTS,
                    "%s must be the id of a supernet's weights among a search's artifacts, not '%s'."
                        .formatted(WEIGHTS, id.length() > 40 ? id.substring(0, 40) : id)));
  }
}
