package dev.lathe.runs.isolated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.runs.DeviceRecord;
import dev.lathe.runs.MeasurementOutcome;
import dev.lathe.runs.MeasurementRequest;
import dev.lathe.runs.Measurements;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PortionsTest {
  /** Notes the sizes of each call's models. */
  private static final class Noting implements Measurements {
    private final List<List<Integer>> calls = new ArrayList<>();

    @Override
    public List<DeviceRecord> devices() {
      return List.of();
    }

    @Override
    public List<MeasurementOutcome> measure(List<MeasurementRequest> requests, Progress progress) {
      calls.add(requests.stream().map(request -> request.model().length).toList());
      progress.at(requests.size(), requests.size());
      return new ArrayList<>(java.util.Collections.nCopies(requests.size(), null));
    }
  }

  @Test
  void measure_splitsWhatIsTooMuchForOneCall_inOrder() {
    Noting there = new Noting();
    List<String> told = new ArrayList<>();
    List<MeasurementRequest> requests = new ArrayList<>();
    for (int size : new int[] {40, 60, 1, 200, 30}) {
      requests.add(new MeasurementRequest("k", "d", new byte[size], "float32", "quick"));
    }

    List<MeasurementOutcome> outcomes =
        new Portions(there, 100).measure(requests, (done, of) -> told.add(done + "/" + of));

    assertThat(there.calls).containsExactly(List.of(40, 60), List.of(1), List.of(200), List.of(30));
    assertThat(told).containsExactly("2/5", "3/5", "4/5", "5/5");
    assertThat(outcomes).hasSize(5);
    assertThat(new Portions(there, 100).measure(List.of(), (done, of) -> {})).isEmpty();
  }
}
