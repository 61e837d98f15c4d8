package dev.lathe.farm.ort;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.lathe.farm.Circumstances;
import dev.lathe.farm.FailureKind;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One line that the child writes. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "is")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ChildReply.Ready.class, name = "ready"),
  @JsonSubTypes.Type(value = ChildReply.At.class, name = "at"),
  @JsonSubTypes.Type(value = ChildReply.Done.class, name = "done")
})
sealed interface ChildReply {
  /** The child waits for requests. */
  record Ready(String runtime) implements ChildReply {}

  /** The child turns to this model of the request: if it dies, this one is to blame. */
  record At(int model) implements ChildReply {}

  /**
   * The request is answered, one series a model in its order.
   *
   * @param during what the machine told while samples were taken
   */
  record Done(
      List<Series> series,
      double sentinelBeforeMillis,
      double sentinelAfterMillis,
      Instant startedAt,
      String pinnedTo,
      Circumstances during)
      implements ChildReply {}

  /**
   * What came of one model: samples, or the failure.
   *
   * @param warmups untimed runs before the first sample
   * @param stride of the timed runs, every stride-th was kept
   * @param samplesMillis empty if it failed
   * @param output the beginning of the first output, for whoever wants to know whether it is right
   * @param loadMillis from the file to a session
   * @param firstRunMillis of the first inference
   * @param residentBytes by which the process grew until the end of the first inference, where the
   *     system tells
   * @param millijoules that the processor took for one inference, where the machine tells and no
   *     other model took turns
   */
  record Series(
      int warmups,
      int stride,
      double[] samplesMillis,
      double[] output,
      double loadMillis,
      double firstRunMillis,
      @Nullable Long residentBytes,
      @Nullable Double millijoules,
      @Nullable FailureKind failure,
      @Nullable String message) {}
}
