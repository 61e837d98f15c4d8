/** Recipes: ordered lists of compression steps, from a file or by name. */
@NullMarked
package dev.lathe.compress.recipe;

import org.jspecify.annotations.NullMarked;
