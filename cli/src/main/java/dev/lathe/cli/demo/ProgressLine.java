package dev.lathe.cli.demo;

import java.io.Console;
import java.io.PrintStream;

/** How far a search is: one line that is drawn over on a terminal, plain lines elsewhere. */
public final class ProgressLine {
  private static final int BAR = 24;
  private static final long PLAIN_MILLIS = 5000;

  private final PrintStream out;
  private final boolean terminal;
  private final long start = System.nanoTime();
  private String stage = "";
  private long told;

  /** A line on a stream that is, or is not, a terminal. */
  public ProgressLine(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** A line on standard error. */
  public static ProgressLine onStandardError() {
    Console console = System.console();
    return new ProgressLine(System.err, console != null && console.isTerminal());
  }

  /**
   * Shows how far a search is.
   *
   * @param fraction of all that is to do, in [0, 1]
   */
  public void show(String newStage, double fraction, String message) {
    long seconds = (System.nanoTime() - start) / 1_000_000_000L;
    if (terminal) {
      int filled = (int) Math.round(fraction * BAR);
      String line =
          "%3d:%02d [%s%s] %3.0f %%  %-12s %s"
              .formatted(
                  seconds / 60,
                  seconds % 60,
                  "#".repeat(filled),
                  ".".repeat(BAR - filled),
                  100 * fraction,
                  newStage,
                  message);
      out.print("\r\033[K" + line.substring(0, Math.min(line.length(), 118)));
      out.flush();
      return;
    }
    long now = System.nanoTime() / 1_000_000;
    if (!newStage.equals(stage) || now - told >= PLAIN_MILLIS) {
      out.printf(
          "%3d:%02d %3.0f %%  %-12s %s%n",
          seconds / 60, seconds % 60, 100 * fraction, newStage, message);
      told = now;
    }
    stage = newStage;
  }

  /** Ends the line that was drawn over. */
  public void end() {
    if (terminal) {
      out.println();
    }
  }
}
