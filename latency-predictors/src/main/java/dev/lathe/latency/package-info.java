/** What a network will cost on a device: estimates with intervals, calibrated by measurements. */
@NullMarked
package dev.lathe.latency;

import org.jspecify.annotations.NullMarked;
