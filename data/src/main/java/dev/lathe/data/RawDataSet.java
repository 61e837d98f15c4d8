package dev.lathe.data;

import java.util.List;
import java.util.Optional;

/**
 * A data set as its files give it, before it is divided.
 *
 * @param name for people
 * @param classes class names
 * @param train training images, or all images where there is a single split
 * @param test test images, where the files keep them apart
 * @param horizontalFlip whether a mirrored image still belongs to its class
 */
record RawDataSet(
    String name,
    List<String> classes,
    ImageSource train,
    Optional<ImageSource> test,
    boolean horizontalFlip) {}
