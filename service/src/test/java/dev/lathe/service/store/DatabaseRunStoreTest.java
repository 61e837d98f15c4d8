package dev.lathe.service.store;

import dev.lathe.runs.RunStore;
import dev.lathe.runs.RunStoreContract;
import dev.lathe.service.LatheTestResource;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

@QuarkusTest
@WithTestResource(LatheTestResource.class)
class DatabaseRunStoreTest extends RunStoreContract {
  @Inject ArtifactFiles files;

  @Override
  protected RunStore store() {
    long id =
        Transactions.call(
            () -> {
              SearchRow row = new SearchRow();
              row.name = "contract";
              row.state = SearchState.PAUSED;
              row.request = "{}";
              row.createdAt = Instant.now();
              row.persist();
              return row.number();
            });
    RunListener nobody =
        new RunListener() {
          @Override
          public void candidates(long searchId, List<EvaluatedCandidate> candidates) {}

          @Override
          public void front(long searchId) {}

          @Override
          public void progress(long searchId, String stage, double fraction, String message) {}
        };
    return new DatabaseRunStore(id, "builtin", files, InstantSource.system(), nobody, () -> {});
  }
}
