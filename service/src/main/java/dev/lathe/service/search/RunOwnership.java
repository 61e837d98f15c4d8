package dev.lathe.service.search;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Which of the services on one database carries out runs: the one whose connection holds an
 * advisory lock. When that service ends, however it ends, the next one that asks has it.
 */
@ApplicationScoped
class RunOwnership {
  private static final Logger LOG = Logger.getLogger(RunOwnership.class);
  private static final long LOCK = 0x4c61746865L;
  private static final int VALID_SECONDS = 5;

  private final DataSource database;
  private @Nullable Connection connection;

  RunOwnership(DataSource database) {
    this.database = database;
  }

  /** Whether this service is the one, taking the place if it is free. */
  synchronized boolean isHeld() {
    try {
      if (connection != null) {
        if (connection.isValid(VALID_SECONDS)) {
          return true;
        }
        drop(connection);
        connection = null;
      }
      Connection fresh = database.getConnection();
      if (locks(fresh, "select pg_try_advisory_lock(?)")) {
        LOG.info("this service carries out the runs of its database");
        connection = fresh;
        return true;
      }
      fresh.close();
      return false;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Lets another service be the one. */
  synchronized void release() {
    if (connection == null) {
      return;
    }
    try {
      var unused = locks(connection, "select pg_advisory_unlock(?)");
    } catch (SQLException e) {
      LOG.debugf("the lock goes with its connection: %s", e.getMessage());
    }
    drop(connection);
    connection = null;
  }

  private static boolean locks(Connection connection, String sql) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setLong(1, LOCK);
      try (ResultSet rows = statement.executeQuery()) {
        return rows.next() && rows.getBoolean(1);
      }
    }
  }

  private static void drop(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      LOG.debugf("a connection that is gone: %s", e.getMessage());
    }
  }
}
