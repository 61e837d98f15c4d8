/** The service: REST, persistence, and the order in which things are done. */
@NullMarked
package dev.lathe.service;

import org.jspecify.annotations.NullMarked;
