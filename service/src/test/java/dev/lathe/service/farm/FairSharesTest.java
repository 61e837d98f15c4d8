package dev.lathe.service.farm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairSharesTest {
  private final FairShares shares = new FairShares();

  private List<Long> serve(int jobs, List<Long> waiting) {
    List<Long> order = new ArrayList<>();
    for (int i = 0; i < jobs; i++) {
      long next = shares.next(1, waiting).orElseThrow();
      shares.served(1, next, waiting);
      order.add(next);
    }
    return order;
  }

  @Test
  void searchesThatWait_takeTurns() {
    assertThat(serve(6, List.of(7L, 8L, 9L))).containsExactly(7L, 8L, 9L, 7L, 8L, 9L);
  }

  @Test
  void searchThatComesLater_goesFirst_andGetsNoMoreThanItsShare() {
    serve(100, List.of(7L));
    assertThat(serve(5, List.of(7L, 8L))).containsExactly(8L, 7L, 8L, 7L, 8L);
  }

  @Test
  void devices_haveTurnsOfTheirOwn_andNobodyWaitsForNothing() {
    serve(1, List.of(7L, 8L));
    assertThat(shares.next(2, List.of(7L, 8L))).hasValue(7L);
    assertThat(shares.next(1, List.of())).isEmpty();
  }
}
