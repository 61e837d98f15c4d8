/** Searches as long-running operations: their queue, their worker, their events. */
@NullMarked
package dev.lathe.service.search;

import org.jspecify.annotations.NullMarked;
