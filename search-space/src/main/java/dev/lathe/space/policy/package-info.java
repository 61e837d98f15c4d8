/** Compression policies, such as the bits of each layer, searched together with architectures. */
@NullMarked
package dev.lathe.space.policy;

import org.jspecify.annotations.NullMarked;
