package dev.lathe.cli.demo;

/** Says something if the process is stopped while this is open. */
final class IfStopped implements AutoCloseable {
  private final Thread saying;

  private IfStopped(Thread saying) {
    this.saying = saying;
  }

  static IfStopped say(String text) {
    Thread saying = Thread.ofPlatform().unstarted(() -> System.err.print(text));
    Runtime.getRuntime().addShutdownHook(saying);
    return new IfStopped(saying);
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(saying);
    } catch (IllegalStateException stopping) {
      // It is being said.
    }
  }
}
