/**
 * A simulated FPGA: a systolic array that executes networks in fixed point bit by bit and counts
 * what it does. No board is needed and none is measured; the array exists as Verilog too.
 */
@NullMarked
package dev.lathe.farm.fpga;

import org.jspecify.annotations.NullMarked;
