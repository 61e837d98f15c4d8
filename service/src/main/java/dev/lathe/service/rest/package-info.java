/** The REST API: translates between HTTP and what the other packages do. */
@NullMarked
package dev.lathe.service.rest;

import org.jspecify.annotations.NullMarked;
