/**
 * A search from data set to front, and what it needs from the service around it: a place for its
 * records, measurements on a device, and someone to tell it to stop. Knows neither HTTP nor SQL.
 */
@NullMarked
package dev.lathe.runs;

import org.jspecify.annotations.NullMarked;
