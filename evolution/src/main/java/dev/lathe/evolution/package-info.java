/**
 * How a search space is searched: objectives and constraints as values, and search methods that ask
 * for evaluations and are told results ({@link dev.lathe.evolution.SearchAlgorithm}).
 */
@NullMarked
package dev.lathe.evolution;

import org.jspecify.annotations.NullMarked;
