package dev.lathe.farm.cpu;

import dev.lathe.farm.MeasurementProtocol;
import java.util.List;

/**
 * One line that the parent writes: measure these models in turns.
 *
 * @param models absolute paths
 * @param sentinel absolute path of the sentinel model
 * @param protocol how
 * @param seed of the inputs
 */
record ChildRequest(
    List<String> models, String sentinel, MeasurementProtocol protocol, long seed) {}
