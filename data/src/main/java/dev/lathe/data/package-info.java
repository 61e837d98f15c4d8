/**
 * Labelled images: what a network is trained on, selected by and judged by.
 *
 * <p>{@link dev.lathe.data.DataSets#load} reads a data set from a folder, from IDX or CIFAR files,
 * or draws the built-in one, and always hands out three parts that share no image: training,
 * validation (all that a search may see) and test (for the reported accuracy).
 */
@NullMarked
package dev.lathe.data;

import org.jspecify.annotations.NullMarked;
