package dev.lathe.service.store;

/** What a run is for. */
public enum RunKind {
  /** A search, from data set to front. */
  SEARCH("the front is ready"),
  /** A calibration of a device for a space. */
  CALIBRATION("the predictors are ready"),
  /** A model compressed by a recipe. */
  COMPRESSION("the compressed model is ready"),
  /** A search whose architectures others evaluate. */
  STUDY("the front is ready");

  private final String finished;

  RunKind(String finished) {
    this.finished = finished;
  }

  /** What people are told at the end. */
  public String finished() {
    return finished;
  }
}
