/** Single-Path NAS: searching by gradient descent on the gates of one supernet. */
@NullMarked
package dev.lathe.supernet.singlepath;

import org.jspecify.annotations.NullMarked;
