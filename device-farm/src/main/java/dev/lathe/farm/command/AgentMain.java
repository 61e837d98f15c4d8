package dev.lathe.farm.command;

import picocli.CommandLine;

/** Entry point of the agent's own jar, for devices that have a Java runtime and nothing else. */
public final class AgentMain {
  private AgentMain() {}

  /** Runs the agent and ends the process: 0 success, 1 failure, 2 wrong usage. */
  public static void main(String... arguments) {
    System.exit(
        new CommandLine(new AgentCommand())
            .setCommandName("lathe-agent")
            .setExecutionExceptionHandler(
                (exception, commandLine, parsed) -> {
                  String text = exception.getMessage();
                  commandLine
                      .getErr()
                      .println(
                          "lathe: " + (text == null ? exception.getClass().getSimpleName() : text));
                  return 1;
                })
            .execute(arguments));
  }
}
