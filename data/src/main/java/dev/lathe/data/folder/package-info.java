/**
 * Folders of pictures as people have them: which folders are splits, which are classes, what is no
 * data, and where labels come from.
 */
@NullMarked
package dev.lathe.data.folder;

import org.jspecify.annotations.NullMarked;
