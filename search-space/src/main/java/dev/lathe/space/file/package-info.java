/** Space files: what all families of spaces share in reading and writing YAML or JSON. */
@NullMarked
package dev.lathe.space.file;

import org.jspecify.annotations.NullMarked;
