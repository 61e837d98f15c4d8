/** Judging networks in CI pipelines: limits by metric, and comparisons that noise does not fail. */
@NullMarked
package dev.lathe.cli.gate;

import org.jspecify.annotations.NullMarked;
