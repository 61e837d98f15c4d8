/** The pages in a real browser, on the real API, over searches of every shape. */
@NullMarked
package dev.lathe.service.ui;

import org.jspecify.annotations.NullMarked;
