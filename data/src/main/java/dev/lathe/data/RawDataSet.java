package dev.lathe.data;

import java.util.List;

/**
 * A data set as its files give it, before it is divided.
 *
 * @param name for people
 * @param classes class names
 * @param images all of them, with what they are for
 * @param horizontalFlip whether a mirrored image still belongs to its class
 * @param findings what was noticed on the way
 */
record RawDataSet(
    String name,
    List<String> classes,
    ImageSource images,
    boolean horizontalFlip,
    Findings findings) {}
