/**
 * Non-dominated points and their quality: archive, sorting, hypervolume and other indicators. All
 * costs here are minimized.
 */
@NullMarked
package dev.lathe.evolution.front;

import org.jspecify.annotations.NullMarked;
