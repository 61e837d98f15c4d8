package dev.lathe.runs;

import java.util.Optional;

/**
 * How far a supernet is trained.
 *
 * @param steps done so far, of {@code plannedSteps}
 * @param batch images in a step
 * @param imagesSeen in all steps so far
 * @param seconds spent training so far, without pauses
 * @param largestAccuracy of the largest subnet on validation images, in [0, 1]; 0 until known
 * @param smallestAccuracy of the smallest subnet likewise
 * @param checkpoint file of the last checkpoint, relative to the search's work folder
 */
public record SupernetRecord(
    long steps,
    long plannedSteps,
    int batch,
    long imagesSeen,
    double seconds,
    long parameters,
    double largestAccuracy,
    double smallestAccuracy,
    Optional<String> checkpoint) {}
