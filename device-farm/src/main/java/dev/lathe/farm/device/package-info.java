/** The health of devices: when one is trusted with jobs, and when it is taken out. */
@NullMarked
package dev.lathe.farm.device;

import org.jspecify.annotations.NullMarked;
