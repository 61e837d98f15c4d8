/** Architectures as genotypes of Jenetics, and the operators that vary them. */
@NullMarked
package dev.lathe.evolution.genotype;

import org.jspecify.annotations.NullMarked;
