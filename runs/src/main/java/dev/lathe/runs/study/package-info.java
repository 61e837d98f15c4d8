/** A search whose architectures someone else evaluates: a user's own trainer asks and tells. */
@NullMarked
package dev.lathe.runs.study;

import org.jspecify.annotations.NullMarked;
