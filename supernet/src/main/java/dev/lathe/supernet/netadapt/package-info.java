/** NetAdapt: a trained network shrunk step by step to a latency. */
@NullMarked
package dev.lathe.supernet.netadapt;

import org.jspecify.annotations.NullMarked;
