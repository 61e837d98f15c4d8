/** How well a supernet ranks its networks, against training each of them alone. */
@NullMarked
package dev.lathe.supernet.ranking;

import org.jspecify.annotations.NullMarked;
