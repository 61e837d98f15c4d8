/** Vision transformers, with convolutions before them or not, and token reduction. */
@NullMarked
package dev.lathe.space.transformer;

import org.jspecify.annotations.NullMarked;
