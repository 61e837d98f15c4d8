/** Data sets on the service's machine: taken in as archives, or registered where they lie. */
@NullMarked
package dev.lathe.service.data;

import org.jspecify.annotations.NullMarked;
