package dev.lathe.runs.stages;

import dev.lathe.runs.RunStore;
import dev.lathe.runs.RunStoreContract;

/** The double of the other tests keeps what it promises. */
class MemoryStoreTest extends RunStoreContract {
  @Override
  protected RunStore store() {
    return new MemoryStore();
  }
}
