package dev.lathe.runs;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What is known of a file that a search made.
 *
 * @param key unique within the search and the same after a restart, for example {@code
 *     member-3-int8}
 * @param name for people and as file name, without ending
 * @param mediaType for example {@link #ONNX}
 * @param precision {@code float32}, {@code int8}, …; empty for what is not a network
 * @param twin key of the same network in the other precision
 * @param labels the architecture's choices by gene name; empty for what the space does not hold
 * @param validationAccuracy of this very file, in [0, 1]; {@code testAccuracy} likewise
 * @param fineTuneSeconds spent on this network's weights alone
 */
public record ArtifactRecord(
    String key,
    Kind kind,
    String name,
    String mediaType,
    Optional<String> precision,
    Optional<String> twin,
    Map<String, String> labels,
    OptionalDouble validationAccuracy,
    OptionalDouble testAccuracy,
    OptionalLong macs,
    OptionalLong parameters,
    OptionalDouble fineTuneSeconds) {
  /** Media type of ONNX files. */
  public static final String ONNX = "application/onnx";

  /** Media type of arrays in NumPy's format. */
  public static final String NPY = "application/x-npy";

  /** Media type of named arrays in the form of safetensors. */
  public static final String SAFETENSORS = "application/x-safetensors";

  /** What a file is for. */
  public enum Kind {
    /** A network that the search found. */
    MEMBER,
    /** A fixed network to compare with. */
    BASELINE,
    /** A network measured to calibrate a predictor. */
    CALIBRATION,
    /** Test images or labels. */
    TEST_SET,
    /** Anything else. */
    OTHER
  }

  public ArtifactRecord {
    labels = Collections.unmodifiableMap(new LinkedHashMap<>(labels));
  }

  /** A file that is not a network. */
  public static ArtifactRecord file(String key, Kind kind, String name, String mediaType) {
    return new ArtifactRecord(
        key,
        kind,
        name,
        mediaType,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalDouble.empty());
  }
}
