package dev.lathe.service.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class TransactionsTest {
  @Test
  void connectionLoss_isToldFromWrongStatements() {
    assertThat(Transactions.isConnectionLoss(wrapped("08006"))).isTrue();
    assertThat(Transactions.isConnectionLoss(wrapped("57P01"))).isTrue();
    assertThat(Transactions.isConnectionLoss(wrapped("57P03"))).isTrue();
    assertThat(Transactions.isConnectionLoss(wrapped("23505"))).isFalse();
    assertThat(Transactions.isConnectionLoss(wrapped("57014"))).isFalse();
    assertThat(Transactions.isConnectionLoss(new IllegalStateException("no SQL"))).isFalse();
  }

  private static RuntimeException wrapped(String state) {
    return new IllegalStateException(new RuntimeException(new SQLException("it failed", state)));
  }
}
