/** Search spaces whose measurements are recorded in a table. */
@NullMarked
package dev.lathe.space.table;

import org.jspecify.annotations.NullMarked;
