package dev.lathe.cli;

/**
 * A picocli command that another module adds to the command line: it is found by {@link
 * java.util.ServiceLoader}.
 */
public interface Subcommand {}
