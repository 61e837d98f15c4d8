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

  /** Makes a key. */
  public NewKey create(String name, Scope scope, Optional<Instant> expiresAt) {
    String prefix = Secrets.random(24).replaceAll("[-_]", "").substring(0, 12);
    String secret = Secrets.secret();
    ApiKeyRow row =
        Transactions.call(
            () -> {
              ApiKeyRow fresh = new ApiKeyRow();
              fresh.name = name;
              fresh.prefix = prefix;
              fresh.secretSha256 = Secrets.sha256(secret);
              fresh.scope = scope;
              fresh.createdAt = clock.instant();
              fresh.expiresAt = expiresAt.orElse(null);
              fresh.persist();
              return fresh;
            });
    return new NewKey(row, "lathe_" + prefix + "_" + secret);
  }

  /** The scope of a key, if it is one of ours and still good. */
  public Optional<Scope> scopeOf(String text) {
    Matcher key = KEY.matcher(text);
    if (!key.matches()) {
      return Optional.empty();
    }
    return Transactions.call(
        () ->
            ApiKeyRow.<ApiKeyRow>find("prefix", key.group(1))
                .firstResultOptional()
                .filter(row -> Secrets.matches(key.group(2), row.secretSha256))
                .filter(row -> row.revokedAt == null)
                .filter(row -> row.expiresAt == null || row.expiresAt.isAfter(clock.instant()))
                .map(this::used));
  }

  private Scope used(ApiKeyRow row) {
    Instant now = clock.instant();
    if (row.lastUsedAt == null || row.lastUsedAt.plus(USE_RESOLUTION).isBefore(now)) {
      row.lastUsedAt = now;
    }
    return row.scope;
  }

  /** All keys, the newest last. */
  public List<ApiKeyRow> all() {
    return Transactions.call(() -> ApiKeyRow.list("order by id"));
  }

  /** Ends a key; whether there was one. */
  public boolean revoke(long id) {
    return Transactions.call(
        () -> {
          Optional<ApiKeyRow> row = ApiKeyRow.findByIdOptional(id);
          row.filter(key -> key.revokedAt == null)
              .ifPresent(key -> key.revokedAt = clock.instant());
          return row.isPresent();
        });
  }
}
