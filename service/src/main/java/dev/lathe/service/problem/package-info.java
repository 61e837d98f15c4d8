/** Errors as clients of the REST API are told them. */
@NullMarked
package dev.lathe.service.problem;

import org.jspecify.annotations.NullMarked;
