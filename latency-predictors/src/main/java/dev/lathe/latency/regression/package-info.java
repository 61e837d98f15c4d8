/** Regression for few samples, and figures that say how far its predictions can be trusted. */
@NullMarked
package dev.lathe.latency.regression;

import org.jspecify.annotations.NullMarked;
