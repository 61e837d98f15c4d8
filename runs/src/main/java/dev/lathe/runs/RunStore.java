package dev.lathe.runs;

import java.util.List;
import java.util.Optional;

/**
 * The records of one search. Each call is one transaction: when it returns, what was given survives
 * {@code kill -9} and power loss; when it throws, nothing of it is visible. Writing the same thing
 * again (a step repeated after a restart) replaces it and does no harm.
 *
 * <p>All calls throw {@link RunStopped} once the search is cancelled, and an unchecked exception
 * with a clear text when the disk is full or the database cannot be reached.
 */
public interface RunStore {
  /** The number of the search. */
  long searchId();

  /** A fact noted earlier under this key (JSON): what a resumed search needs to know. */
  Optional<String> fact(String key);

  /** Notes a fact under a key, in place of an earlier one. */
  void fact(String key, String json);

  /** Notes the data set that the search uses. */
  void dataSet(DataSetRecord dataSet);

  /** Notes the search space that the search uses, after its resolution. */
  void space(SpaceDefinition space);

  /** Notes how far the supernet is trained; called again as training goes on. */
  void supernet(SupernetRecord supernet);

  /** What {@link #supernet(SupernetRecord)} noted last. */
  Optional<SupernetRecord> supernet();

  /**
   * Notes a whole generation: its candidates and the state of the algorithm after it. A generation
   * that is noted again is replaced.
   *
   * @param number of the generation, from 0
   * @param algorithmState JSON from which the search algorithm goes on, together with all
   *     candidates noted
   */
  void generation(int number, List<CandidateRecord> candidates, String algorithmState);

  /** The last generation noted. */
  Optional<GenerationState> lastGeneration();

  /** All candidates noted, by generation and in the order in which they were given. */
  List<CandidateRecord> candidates();

  /** Notes a predictor, in place of an earlier one for the same device, form and metric. */
  void predictor(PredictorRecord predictor);

  /** The predictors noted. */
  List<PredictorRecord> predictors();

  /** The newest predictor of all runs for each device, form and metric, for a space. */
  default List<PredictorRecord> predictorsOf(String space) {
    return predictors().stream().filter(known -> known.space().equals(space)).toList();
  }

  /** Predictors of all runs for a device and a space, the newest first. */
  default List<PredictorRecord> predictorsOf(String device, String space) {
    return predictors().stream()
        .filter(known -> known.device().equals(device) && known.space().equals(space))
        .toList();
  }

  /**
   * Stores a file and its record, in place of an earlier one under the same {@link
   * ArtifactRecord#key}. The file is written beside, forced to disk and moved into place, so that
   * no half-written file is ever seen.
   *
   * @throws ArtifactWriteException naming the folder and the free bytes if the disk is full
   */
  StoredArtifact artifact(ArtifactRecord artifact, byte[] content);

  /** The artifacts stored, in order of their ids. */
  List<StoredArtifact> artifacts();

  /** The artifact stored under a key. */
  default Optional<StoredArtifact> artifact(String key) {
    return artifacts().stream().filter(stored -> stored.record().key().equals(key)).findFirst();
  }

  /**
   * The content of the artifact stored under a key. A process that works on a model gets it only
   * so: it does not see where artifacts lie.
   *
   * @throws IllegalArgumentException if nothing is stored under the key
   */
  default byte[] content(String key) {
    return artifact(key)
        .orElseThrow(() -> new IllegalArgumentException("no artifact '%s'".formatted(key)))
        .read();
  }

  /** Notes the front, in place of an earlier one. Members are stored artifacts or candidates. */
  void front(List<FrontMember> members);

  /** Notes the report of the finished search: the JSON of {@code demo --json}. */
  void report(String json);

  /**
   * Tells those who watch how far the search is. Cheap, may be called many times a second.
   *
   * @param stage one word, for example {@code training}
   * @param fraction of the whole search, in [0, 1]
   * @param message one line for people
   */
  void progress(String stage, double fraction, String message);
}
