/** Search spaces as programs: a network is built while questions are asked, and traced. */
@NullMarked
package dev.lathe.space.program;

import org.jspecify.annotations.NullMarked;
