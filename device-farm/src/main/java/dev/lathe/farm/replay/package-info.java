/** Measurements on file, given out again as if they were taken now. */
@NullMarked
package dev.lathe.farm.replay;

import org.jspecify.annotations.NullMarked;
