package dev.lathe.service.access;

import dev.lathe.service.store.DeviceRow;
import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * How another machine becomes a device: an administrator gives it a token, good once and for a day,
 * for which it gets a key that speaks for that device alone. A device of that name that is there
 * already goes over to the new key, and the key that spoke for it alone ends.
 */
@ApplicationScoped
public class Enrolments {
  /** How long a token is good. */
  public static final Duration LENGTH = Duration.ofDays(1);

  private static final String PREFIX = "enrol_";

  private final ApiKeys keys;
  private final InstantSource clock;

  Enrolments(ApiKeys keys, InstantSource clock) {
    this.keys = keys;
    this.clock = clock;
  }

  /** A token, told here and never again. */
  public record Token(String text, Instant expiresAt) {}

  /** Makes a token for the device of that name. */
  public Token token(String device) {
    String text = PREFIX + Secrets.secret();
    Instant now = clock.instant();
    Transactions.run(
        () -> {
          EnrolmentRow.delete("expiresAt <= ?1", now);
          EnrolmentRow row = new EnrolmentRow();
          row.tokenSha256 = Secrets.sha256(text);
          row.device = device;
          row.createdAt = now;
          row.expiresAt = now.plus(LENGTH);
          row.persist();
        });
    return new Token(text, now.plus(LENGTH));
  }

  /** Spends a token: the device's new key; empty if the token is not good for this device. */
  public Optional<ApiKeys.NewKey> spend(String token, String device) {
    Instant now = clock.instant();
    return Transactions.call(
        () -> {
          long spent =
              EnrolmentRow.update(
                  "usedAt = ?1 where tokenSha256 = ?2 and device = ?3 and usedAt is null and expiresAt > ?1",
                  now,
                  Secrets.sha256(token),
                  device);
          if (spent == 0) {
            return Optional.empty();
          }
          ApiKeyRow.update(
              "revokedAt = ?1 where device = ?2 and oneDevice and revokedAt is null", now, device);
          ApiKeys.NewKey key = keys.ofDevice(device);
          // Not heard of yet from where it is now: another machine may come under its name.
          DeviceRow.update(
              "apiKeyId = ?1, lastSeenAt = ?2 where name = ?3",
              key.row().id,
              Instant.EPOCH,
              device);
          return Optional.of(key);
        });
  }
}
