/** What can be searched: genes, architectures, and the spaces that give them meaning. */
@NullMarked
package dev.lathe.space;

import org.jspecify.annotations.NullMarked;
