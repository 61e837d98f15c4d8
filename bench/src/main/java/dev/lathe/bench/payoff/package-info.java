/** Is a search worth its time? Its front against fixed networks that get the same time in total. */
@NullMarked
package dev.lathe.bench.payoff;

import org.jspecify.annotations.NullMarked;
