/**
 * Phones and tablets on a cable or in the network, reached by Android's own {@code adb}: what runs
 * there is a small program in a folder of its own that is empty again afterwards.
 */
@NullMarked
package dev.lathe.farm.android;

import org.jspecify.annotations.NullMarked;
