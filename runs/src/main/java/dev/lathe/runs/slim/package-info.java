/** A trained model made elastic, searched, refitted, fine-tuned, compressed and measured. */
@NullMarked
package dev.lathe.runs.slim;

import org.jspecify.annotations.NullMarked;
