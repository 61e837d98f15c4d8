/** Networks that can be trained: nodes, operators, and references to shared weights. */
@NullMarked
package dev.lathe.graph;

import org.jspecify.annotations.NullMarked;
