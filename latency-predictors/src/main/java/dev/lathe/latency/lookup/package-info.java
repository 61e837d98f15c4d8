/** Other people's tables of recorded operator latencies, as predictors. */
@NullMarked
package dev.lathe.latency.lookup;

import org.jspecify.annotations.NullMarked;
