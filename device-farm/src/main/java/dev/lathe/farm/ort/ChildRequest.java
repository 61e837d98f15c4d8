package dev.lathe.farm.ort;

import dev.lathe.farm.MeasurementProtocol;
import java.util.List;

/**
 * One line that the parent writes: measure these models in turns.
 *
 * @param models absolute paths
 * @param protocol how
 * @param seed of the inputs
 */
record ChildRequest(List<String> models, MeasurementProtocol protocol, long seed) {}
