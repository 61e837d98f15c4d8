/** Measuring networks on devices: what a measurement is, how it is taken, and who takes it. */
@NullMarked
package dev.lathe.farm;

import org.jspecify.annotations.NullMarked;
