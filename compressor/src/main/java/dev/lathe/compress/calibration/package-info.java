/** Where inputs for models come from: images, arrays, noise; and how their answers are scored. */
@NullMarked
package dev.lathe.compress.calibration;

import org.jspecify.annotations.NullMarked;
