/** What is said of a compressed model: measured on held-out inputs, beside the original. */
@NullMarked
package dev.lathe.compress.claim;

import org.jspecify.annotations.NullMarked;
