/** How weights move against their gradients. */
@NullMarked
package dev.lathe.supernet.optimizer;

import org.jspecify.annotations.NullMarked;
