package dev.lathe.service.rest;

import dev.lathe.service.problem.Problem;
import dev.lathe.service.store.Transactions;
import jakarta.persistence.OptimisticLockException;
import java.sql.SQLException;
import java.util.Optional;

/** What the database refuses for reasons that are the request's, or that pass. */
final class DatabaseFailures {
  private DatabaseFailures() {}

  /** What is told of a failure; empty if it is a fault of the service. */
  static Optional<Problem> known(Throwable failure) {
    if (Transactions.isConnectionLoss(failure)) {
      return Optional.of(
          Problem.of(
              503,
              "Service unavailable",
              "the database cannot be reached, or has more to do than it can. Maybe try again in a few seconds."));
    }
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof OptimisticLockException) {
        return Optional.of(conflict());
      }
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        return of(sql.getSQLState());
      }
    }
    return Optional.empty();
  }

  /** By SQLSTATE, of which the first two characters are the class. */
  private static Optional<Problem> of(String state) {
    return switch (state) {
      // A row that is there already, one that is in use, a deadlock that the database ended.
      case "23505", "23503", "40P01", "40001" -> Optional.of(conflict());
      default ->
          // 22: a value that no column takes, as text with a NUL; 23: one that is missing; 54: one
          // that is too long.
          state.matches("(22|23|54).*")
              ? Optional.of(
                  Problem.badRequest(
                      "a value of the request cannot be stored. Maybe it is missing, too long, or holds a control character."))
              : Optional.empty();
    };
  }

  private static Problem conflict() {
    return Problem.conflict(
        "someone else changed the same thing at the same time. Maybe look at it and try again.");
  }
}
