/** The JSON bodies that a service and its agents exchange. */
@NullMarked
package dev.lathe.farm.message;

import org.jspecify.annotations.NullMarked;
