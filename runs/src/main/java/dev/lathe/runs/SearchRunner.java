package dev.lathe.runs;

import java.nio.file.Path;
import java.util.List;

/** Carries out a search from data set to front. One instance serves all searches. */
public interface SearchRunner {
  /** The methods that a request can name. */
  List<MethodCard> methods();

  /** Whether a search measures networks, so that it needs a device. */
  default boolean measures(SearchRequest request) {
    return !request.ofTable();
  }

  /**
   * A request with everything decided that does not depend on the data.
   *
   * @param devices those that are there, where the request names none
   */
  SearchRequest filled(SearchRequest request, List<String> devices);

  /**
   * Refuses what cannot be run, before it is accepted: a data folder that is not there, an unknown
   * setting, a wrong space. Quick: reads no images.
   *
   * @throws InvalidSearch naming the field, its value and advice
   */
  void check(SearchRequest request) throws InvalidSearch;

  /**
   * Runs a search to its end, or goes on with one that was stopped in any way: what {@code store}
   * holds tells how far it had come. Returns when front and report are stored.
   *
   * @param workFolder for files of this search, such as checkpoints; there since its first start
   * @throws RunStopped as {@code control} told
   * @throws RuntimeException with a text for the user if the search has failed
   */
  void run(
      SearchRequest request,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder);

  /**
   * Calibrates the device of a request for its space, and nothing else: returns when its predictors
   * are stored. Goes on with what was stopped as {@link #run} does.
   *
   * @param request with the minutes and settings.calibrationNetworks as the budget, and
   *     settings.targetError at which it stops
   */
  void calibrate(
      SearchRequest request,
      RunStore store,
      Measurements measurements,
      RunControl control,
      Path workFolder);

  /**
   * Compresses a model: stores the file that each step makes, and a report on all steps. What was
   * stopped begins anew.
   *
   * @throws RuntimeException with a text for the user if the model or the recipe does not do
   */
  void compress(
      CompressionRequest request, RunStore store, Measurements measurements, RunControl control);
}
