package dev.lathe.farm.ort;

import dev.lathe.farm.MeasurementProtocol;
import java.util.List;
import java.util.Map;

/**
 * One line that the parent writes: measure these models in turns.
 *
 * @param models absolute paths
 * @param protocol how
 * @param seed of the inputs
 * @param shapes of each model's inputs by name, for those whose dimensions the model leaves open
 */
record ChildRequest(
    List<String> models,
    MeasurementProtocol protocol,
    long seed,
    List<Map<String, long[]>> shapes) {}
