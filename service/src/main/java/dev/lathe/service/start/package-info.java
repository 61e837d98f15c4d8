/** From an empty folder to a running service: home folder, embedded database, entry point. */
@NullMarked
package dev.lathe.service.start;

import org.jspecify.annotations.NullMarked;
