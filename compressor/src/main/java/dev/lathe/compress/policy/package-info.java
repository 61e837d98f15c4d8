/** What may be done to each layer of a model, as a search space. */
@NullMarked
package dev.lathe.compress.policy;

import org.jspecify.annotations.NullMarked;
