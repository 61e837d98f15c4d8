/** Benchmarks: figures of the parts, measured on this machine or against recorded tables. */
@NullMarked
package dev.lathe.bench;

import org.jspecify.annotations.NullMarked;
