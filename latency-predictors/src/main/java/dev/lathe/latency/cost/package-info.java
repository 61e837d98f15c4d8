/** What a network costs on a device, be it time, memory, space or energy, behind one interface. */
@NullMarked
package dev.lathe.latency.cost;

import org.jspecify.annotations.NullMarked;
