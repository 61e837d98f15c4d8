package dev.lathe.data;

/** What an image is for, as the data themselves say. */
public enum Split {
  /** The data do not say; they are divided by seed. */
  WHOLE,
  /** Weights are fitted to it. */
  TRAIN,
  /** A search and its choices see it. */
  VALIDATION,
  /** Only the reported accuracy sees it. */
  TEST
}
