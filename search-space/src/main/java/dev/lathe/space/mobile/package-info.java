/** Mobile networks of inverted residual blocks: the search space and the fixed baseline. */
@NullMarked
package dev.lathe.space.mobile;

import org.jspecify.annotations.NullMarked;
