/** Which networks to measure next, and what more measurements would bring. */
@NullMarked
package dev.lathe.latency.calibration;

import org.jspecify.annotations.NullMarked;
