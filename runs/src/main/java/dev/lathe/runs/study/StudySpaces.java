package dev.lathe.runs.study;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SearchRequest;
import dev.lathe.runs.SearchRequest.SpaceChoice;
import dev.lathe.runs.Tables;
import dev.lathe.space.Gene;
import dev.lathe.space.ListedSpace;
import dev.lathe.space.SearchSpace;
import dev.lathe.space.family.SpaceFiles;
import dev.lathe.space.table.RecordedSpace;
import java.util.ArrayList;
import java.util.List;

/**
 * The space of a study: genes alone, {@code {"genes": [{"name": …, "choices": […]}]}}, a table, or
 * a space of networks whose genes are asked for.
 */
public final class StudySpaces {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int CLASSES = 10;

  private StudySpaces() {}

  /**
   * The space that a request means.
   *
   * @throws InvalidSearch if it means none
   */
  public static SearchSpace of(SearchRequest request, Tables tables) {
    SpaceChoice choice =
        request
            .space()
            .orElseThrow(
                () ->
                    new InvalidSearch(
                        "space",
                        "a study needs a space. Maybe {\"genes\": [{\"name\": \"width\", \"choices\": [8, 16]}]}."));
    try {
      return switch (choice) {
        case SpaceChoice.Table(String name) -> new RecordedSpace(tables.table(name));
        case SpaceChoice.Named(String name) -> SpaceFiles.builtin(name).space(CLASSES);
        case SpaceChoice.Defined(String name, String json) -> defined(name, json);
        case SpaceChoice.Model model ->
            throw new InvalidSearch("space.model", "a study cannot take a model apart.");
      };
    } catch (IllegalArgumentException e) {
      throw new InvalidSearch("space", e.getMessage());
    }
  }

  /** Whether a definition is of genes alone. */
  public static boolean listsGenes(String json) {
    return tree(json).path("genes").isArray();
  }

  private static SearchSpace defined(String name, String json) {
    if (!listsGenes(json)) {
      return SpaceFiles.read(json).space(CLASSES);
    }
    List<Gene> genes = new ArrayList<>();
    for (JsonNode gene : tree(json).path("genes")) {
      List<String> choices = new ArrayList<>();
      gene.path("choices").forEach(label -> choices.add(label.asText()));
      if (!gene.path("name").isTextual()
          || choices.isEmpty()
          || choices.stream().distinct().count() < choices.size()) {
        throw new InvalidSearch(
            "space.genes", "each gene needs a name and different choices, not %s.".formatted(gene));
      }
      genes.add(new Gene(gene.path("name").asText(), choices));
    }
    return new ListedSpace(name.isBlank() ? "genes" : name, genes);
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new InvalidSearch("space", "the space is no JSON: " + e.getOriginalMessage());
    }
  }
}
