package dev.lathe.service.store;

import java.util.List;

/** Is told what a search noted, after it is safe. */
public interface RunListener {
  /** A generation was noted. */
  void candidates(long searchId, List<EvaluatedCandidate> candidates);

  /** A front was noted. */
  void front(long searchId);

  /** The search came on. */
  void progress(long searchId, String stage, double fraction, String message);
}
