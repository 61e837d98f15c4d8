/** What is said of a network in numbers: metrics by name, and figures with their interval. */
@NullMarked
package dev.lathe.metric;

import org.jspecify.annotations.NullMarked;
