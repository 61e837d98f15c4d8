/** The command that makes a trained model slimmer. */
@NullMarked
package dev.lathe.cli.slim;

import org.jspecify.annotations.NullMarked;
