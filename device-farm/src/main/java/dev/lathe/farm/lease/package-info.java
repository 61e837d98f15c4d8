/**
 * The life of a job between its creation and its one recorded result: pure functions on immutable
 * records, without HTTP and without SQL, so that a service applies them inside a transaction and a
 * simulation runs them by the thousand.
 */
@NullMarked
package dev.lathe.farm.lease;

import org.jspecify.annotations.NullMarked;
