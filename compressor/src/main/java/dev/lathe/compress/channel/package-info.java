/** Channels that belong together: reordered, or removed for good. */
@NullMarked
package dev.lathe.compress.channel;

import org.jspecify.annotations.NullMarked;
