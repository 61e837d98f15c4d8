/** Who may do what: API keys, and the filter that asks for them. */
@NullMarked
package dev.lathe.service.access;

import org.jspecify.annotations.NullMarked;
