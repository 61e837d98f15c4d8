package dev.lathe.data;

import java.nio.file.Path;

/** A data set that cannot be used; the message names the file, the place and the problem. */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** A problem of the data set as a whole. */
  public DataException(String problem) {
    super(problem);
  }

  /** A problem of the data set as a whole, with what caused it. */
  public DataException(String problem, Throwable cause) {
    super(problem, cause);
  }

  /** A problem of one file or folder. */
  public DataException(Path file, String problem) {
    super(file + ": " + problem);
  }

  /** A problem of one file or folder, with what caused it. */
  public DataException(Path file, String problem, Throwable cause) {
    super(file + ": " + problem, cause);
  }

  /** A problem at a byte of a file; in a compressed file the offset is that after expansion. */
  public DataException(Path file, long byteOffset, String problem) {
    super(file + ": at byte " + byteOffset + ": " + problem);
  }
}
