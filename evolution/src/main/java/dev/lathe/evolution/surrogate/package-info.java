/** Models that predict a metric of an architecture from the architectures measured so far. */
@NullMarked
package dev.lathe.evolution.surrogate;

import org.jspecify.annotations.NullMarked;
