/** A search from data set to front, stage by stage; each stage can be stopped and gone on with. */
@NullMarked
package dev.lathe.runs.stages;

import org.jspecify.annotations.NullMarked;
