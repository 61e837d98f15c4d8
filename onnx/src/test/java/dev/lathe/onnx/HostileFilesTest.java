package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import dev.lathe.onnx.trial.ModelTrial;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files from anywhere are either fit to be run here or refused with a reason. */
@Timeout(300)
final class HostileFilesTest {
  private static final ModelTrial TRIAL =
      ModelTrial.within(new ModelTrial.Limits(2L << 30, Duration.ofSeconds(60)));
  private static final long MOST_BYTES = 400L << 20;

  @AfterAll
  static void close() {
    TRIAL.close();
  }

  private static void admit(byte[] file) {
    TRIAL.check(OnnxGraph.parse(file), Map.of());
  }

  @Test
  void soundFiles_pass() {
    assertThatCode(() -> admit(SmallModels.convolutional().toBytes())).doesNotThrowAnyException();
    for (String text :
        List.of("Conv x w strides=2,2", "Split x i[1,3] axis=1", "Gather m i[0] axis=1")) {
      assertThatCode(() -> admit(HostileOperators.model(text).toBytes()))
          .doesNotThrowAnyException();
    }
  }

  @Test
  void hostileFiles_areRefusedWithAReason() {
    Map<String, byte[]> files = HostileFiles.all();
    assertThat(files).hasSizeGreaterThan(200);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    List<String> wrong = new ArrayList<>();
    files.forEach(
        (what, file) -> {
          long before = threads.getCurrentThreadAllocatedBytes();
          Throwable thrown = catchThrowable(() -> admit(file));
          long bytes = threads.getCurrentThreadAllocatedBytes() - before;
          if (!(thrown instanceof OnnxException refused)
              || refused.getMessage().length() < 20
              || bytes > MOST_BYTES) {
            wrong.add("%s: %s, %d bytes allocated".formatted(what, thrown, bytes));
          }
        });
    assertThat(wrong).isEmpty();
    assertThatCode(() -> admit(SmallModels.convolutional().toBytes())).doesNotThrowAnyException();
  }

  /** A loop whose condition stays true, 2^60 times or without a bound. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void endlessLoop_isEndedAndTheNextFileTried(boolean bounded) {
    byte[] loop = EndlessLoop.model(bounded).toBytes();
    try (ModelTrial trial =
        ModelTrial.within(new ModelTrial.Limits(1L << 30, Duration.ofSeconds(3)))) {
      assertThatThrownBy(() -> trial.check(OnnxGraph.parse(loop), Map.of()))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining("did not finish");
    }
  }
}
