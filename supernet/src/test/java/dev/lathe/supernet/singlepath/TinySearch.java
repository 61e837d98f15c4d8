package dev.lathe.supernet.singlepath;

import dev.lathe.space.mobile.MobileSpace;
import dev.lathe.supernet.TinyTask;

/** The searchable part of the tests' small space. */
final class TinySearch {
  private TinySearch() {}

  static Superkernels kernels() {
    return new Superkernels(new MobileSpace(Superkernels.searchable(TinyTask.space().spec()), 2));
  }
}
