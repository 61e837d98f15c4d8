/** The run time of networks of gated blocks, as a differentiable function of the gates. */
@NullMarked
package dev.lathe.latency.singlepath;

import org.jspecify.annotations.NullMarked;
