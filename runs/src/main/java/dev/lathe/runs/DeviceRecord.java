package dev.lathe.runs;

/**
 * A device.
 *
 * @param backend how it measures, for example {@code cpu}
 * @param runtime name and version, for example {@code onnxruntime 1.29.0}
 * @param threads with which networks are run
 * @param processor for people
 */
public record DeviceRecord(
    long id, String name, String backend, String runtime, int threads, String processor) {}
