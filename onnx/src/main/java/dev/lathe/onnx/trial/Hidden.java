package dev.lathe.onnx.trial;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What a process that is not trusted does not see, where the system lets it be hidden (see {@link
 * LimitedJvm}): a folder is empty there, a file too.
 *
 * @param places folders and files that are hidden
 * @param readable what it sees of them after all
 * @param writable what it may change, too
 */
public record Hidden(List<Path> places, List<Path> readable, List<Path> writable) {
  /** Further places, separated as a class path is: where the secrets of this program lie. */
  public static final String SETTING = "lathe.hidden";

  /** The home folder of this program. */
  private static final String HOME = "lathe.home";

  public Hidden {
    places = List.copyOf(places);
    readable = List.copyOf(readable);
    writable = List.copyOf(writable);
  }

  /** Nothing. */
  public static Hidden nothing() {
    return new Hidden(List.of(), List.of(), List.of());
  }

  /** A place, whether it is there or not. */
  public static Hidden place(Path place) {
    return new Hidden(List.of(place), List.of(), List.of());
  }

  /**
   * Where this program keeps its keys and what it was entrusted with: the home folder ({@code
   * lathe.home}, {@code LATHE_HOME}, or the usual), and the places of {@value #SETTING}.
   */
  public static Hidden ofThisProgram() {
    List<Path> places = new ArrayList<>();
    places.add(
        Optional.ofNullable(System.getProperty(HOME))
            .or(() -> Optional.ofNullable(System.getenv("LATHE_HOME")))
            .filter(text -> !text.isBlank())
            .map(Path::of)
            .orElseGet(() -> Path.of(System.getProperty("user.home"), ".lathe")));
    Stream.of(System.getProperty(SETTING, "").split(File.pathSeparator, -1))
        .filter(text -> !text.isBlank())
        .map(Path::of)
        .forEach(places::add);
    return new Hidden(places, List.of(), List.of());
  }

  /** Likewise, but these are seen. */
  public Hidden seeing(List<Path> more) {
    return new Hidden(places, concat(readable, more), writable);
  }

  /** Likewise, but these may be changed. */
  public Hidden changing(List<Path> more) {
    return new Hidden(places, readable, concat(writable, more));
  }

  private static List<Path> concat(List<Path> some, List<Path> more) {
    return Stream.concat(some.stream(), more.stream()).toList();
  }

  /** Whether a file is hidden. */
  public boolean holds(Path file) {
    return real(file).filter(place -> roots().anyMatch(place::startsWith)).isPresent();
  }

  /**
   * Each place as {@code h:PATH}, what is seen as {@code r:PATH}, what may be changed as {@code
   * w:PATH}.
   */
  List<String> arguments() {
    List<Path> roots = roots().toList();
    Predicate<Path> within = place -> roots.stream().anyMatch(place::startsWith);
    List<String> arguments = new ArrayList<>();
    roots.forEach(place -> arguments.add("h:" + place));
    there(readable).filter(within).forEach(place -> arguments.add("r:" + place));
    there(writable).filter(within).forEach(place -> arguments.add("w:" + place));
    return arguments;
  }

  /** The places that are there, without those that lie within others. */
  private Stream<Path> roots() {
    List<Path> all = there(places).toList();
    return all.stream()
        .filter(
            place ->
                all.stream().noneMatch(other -> !other.equals(place) && place.startsWith(other)));
  }

  private static Stream<Path> there(List<Path> places) {
    return places.stream().map(Hidden::real).flatMap(Optional::stream).distinct();
  }

  private static Optional<Path> real(Path place) {
    try {
      return Files.exists(place) ? Optional.of(place.toRealPath()) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
