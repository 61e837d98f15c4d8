/** What is kept: rows in PostgreSQL, and files by the hash of their content. */
@NullMarked
package dev.lathe.service.store;

import org.jspecify.annotations.NullMarked;
