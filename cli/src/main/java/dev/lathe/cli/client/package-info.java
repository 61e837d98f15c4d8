/** Talking to a Lathe service over its REST API. */
@NullMarked
package dev.lathe.cli.client;

import org.jspecify.annotations.NullMarked;
