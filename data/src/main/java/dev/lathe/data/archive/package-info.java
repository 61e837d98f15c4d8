/** Data that come packed: archives of folders, and Parquet files with pictures in them. */
@NullMarked
package dev.lathe.data.archive;

import org.jspecify.annotations.NullMarked;
