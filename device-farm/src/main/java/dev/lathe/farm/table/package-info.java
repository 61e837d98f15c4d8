/** Published measurements as devices: figures of somebody else's devices, with noise if wanted. */
@NullMarked
package dev.lathe.farm.table;

import org.jspecify.annotations.NullMarked;
