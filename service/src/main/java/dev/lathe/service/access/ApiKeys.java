package dev.lathe.service.access;

import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Keys to the REST API: {@code lathe_PREFIX_SECRET}. The prefix finds the row; of the secret, 256
 * random bits, only the SHA-256 is kept.
 */
@ApplicationScoped
public class ApiKeys {
  private static final Pattern KEY = Pattern.compile("lathe_([A-Za-z0-9]{12})_([A-Za-z0-9_-]{43})");
  private static final Duration USE_RESOLUTION = Duration.ofMinutes(1);

  private final InstantSource clock;

  ApiKeys(InstantSource clock) {
    this.clock = clock;
  }

  /** A new key; its text is told here and never again. */
  public record NewKey(ApiKeyRow row, String text) {}

  /** Makes a key; one of an agent speaks for the first device that it registers, and no other. */
  public NewKey create(String name, Scope scope, Optional<Instant> expiresAt) {
    return Transactions.call(
        () -> make(name, scope, expiresAt, scope == Scope.AGENT, Optional.empty()));
  }

  /** Makes a key of the home folder: that of its agents speaks for several devices. */
  NewKey ofHome(String name, Scope scope) {
    return Transactions.call(() -> make(name, scope, Optional.empty(), false, Optional.empty()));
  }

  /** Makes a key that speaks for one device; within a transaction. */
  NewKey ofDevice(String device) {
    return make("device " + device, Scope.AGENT, Optional.empty(), true, Optional.of(device));
  }

  private NewKey make(
      String name,
      Scope scope,
      Optional<Instant> expiresAt,
      boolean oneDevice,
      Optional<String> device) {
    String prefix = Secrets.random(24).replaceAll("[-_]", "").substring(0, 12);
    String secret = Secrets.secret();
    ApiKeyRow row = new ApiKeyRow();
    row.name = name;
    row.prefix = prefix;
    row.secretSha256 = Secrets.sha256(secret);
    row.scope = scope;
    row.createdAt = clock.instant();
    row.expiresAt = expiresAt.orElse(null);
    row.oneDevice = oneDevice;
    row.device = device.orElse(null);
    row.persistAndFlush();
    return new NewKey(row, "lathe_" + prefix + "_" + secret);
  }

  /** The key of that text, if it is one of ours and still good. */
  public Optional<ApiKeyRow> good(String text) {
    Matcher key = KEY.matcher(text);
    if (!key.matches()) {
      return Optional.empty();
    }
    Instant now = clock.instant();
    return Transactions.call(
        () -> {
          Optional<ApiKeyRow> good =
              ApiKeyRow.<ApiKeyRow>find("prefix", key.group(1))
                  .firstResultOptional()
                  .filter(row -> Secrets.matches(key.group(2), row.secretSha256))
                  .filter(row -> row.isGood(now));
          good.filter(
                  row ->
                      row.lastUsedAt == null || row.lastUsedAt.isBefore(now.minus(USE_RESOLUTION)))
              // This column alone: whoever revokes the key meanwhile has the last word.
              .ifPresent(row -> ApiKeyRow.update("lastUsedAt = ?1 where id = ?2", now, row.id));
          return good;
        });
  }

  /** All keys, the newest last. */
  public List<ApiKeyRow> all() {
    return Transactions.call(() -> ApiKeyRow.list("order by id"));
  }

  /** Ends a key; whether there was one. */
  public boolean revoke(long id) {
    return Transactions.call(
        () -> {
          ApiKeyRow.update(
              "revokedAt = ?1 where id = ?2 and revokedAt is null", clock.instant(), id);
          return ApiKeyRow.count("id", id) > 0;
        });
  }
}
