/** Channels that belong together: which matter, and how those who read them do without others. */
@NullMarked
package dev.lathe.compress.channel;

import org.jspecify.annotations.NullMarked;
