/** Predictors over the genes of a table of measurements: transfer, look-up tables, regression. */
@NullMarked
package dev.lathe.latency.table;

import org.jspecify.annotations.NullMarked;
