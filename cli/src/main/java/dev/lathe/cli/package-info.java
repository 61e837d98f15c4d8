/** The command line: a client of the service, and the commands that run on this machine alone. */
@NullMarked
package dev.lathe.cli;

import org.jspecify.annotations.NullMarked;
