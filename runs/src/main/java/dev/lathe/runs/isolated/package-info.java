/**
 * Work on models that somebody sent, each in a process of its own: whatever such a model does to
 * that process, the one that asked lives on and says what happened.
 */
@NullMarked
package dev.lathe.runs.isolated;

import org.jspecify.annotations.NullMarked;
