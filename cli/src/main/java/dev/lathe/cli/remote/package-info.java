/** Commands that ask a running service, and the one that starts it. */
@NullMarked
package dev.lathe.cli.remote;

import org.jspecify.annotations.NullMarked;
