package dev.lathe.service.access;

import dev.lathe.service.store.Transactions;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Sessions of browsers. Each belongs to a key, may what the key may, and ends with it. A browser
 * comes to one by a key that is typed in, or by a link that is good once and soon not at all.
 */
@ApplicationScoped
public class Sessions {
  /** How long a browser stays let in. */
  public static final Duration LENGTH = Duration.ofDays(7);

  private static final Duration LINK_LENGTH = Duration.ofHours(1);
  private static final int MAX_LINKS = 1000;

  private final InstantSource clock;
  // Kept in memory alone: a restart makes them void.
  private final Map<String, Link> links = new HashMap<>();

  private record Link(long keyId, Instant expiresAt) {}

  Sessions(InstantSource clock) {
    this.clock = clock;
  }

  /** A new secret by which a browser gets a session of the key, once and within an hour. */
  public String link(ApiKeyRow key) {
    String secret = Secrets.secret();
    Instant now = clock.instant();
    synchronized (links) {
      links.values().removeIf(link -> !link.expiresAt.isAfter(now));
      if (links.size() >= MAX_LINKS) {
        links.clear();
      }
      links.put(
          Secrets.sha256(secret), new Link(Objects.requireNonNull(key.id), now.plus(LINK_LENGTH)));
    }
    return secret;
  }

  /** Spends a link: the secret of a session, if the link was good. */
  public Optional<String> openByLink(String secret) {
    Instant now = clock.instant();
    Optional<Link> link;
    synchronized (links) {
      link = Optional.ofNullable(links.remove(Secrets.sha256(secret)));
    }
    return link.filter(good -> good.expiresAt.isAfter(now)).map(good -> open(good.keyId));
  }

  /** The secret of a new session of the key. */
  public String open(long keyId) {
    String secret = Secrets.secret();
    Transactions.run(
        () -> {
          Instant now = clock.instant();
          SessionRow.delete("expiresAt <= ?1", now);
          SessionRow row = new SessionRow();
          row.tokenSha256 = Secrets.sha256(secret);
          row.apiKeyId = keyId;
          row.createdAt = now;
          row.expiresAt = now.plus(LENGTH);
          row.persist();
        });
    return secret;
  }

  /** The key to which a session belongs, if both are still good. */
  Optional<ApiKeyRow> keyOf(String secret) {
    return Transactions.call(
        () ->
            SessionRow.<SessionRow>findByIdOptional(Secrets.sha256(secret))
                .filter(row -> row.expiresAt.isAfter(clock.instant()))
                .flatMap(row -> ApiKeyRow.<ApiKeyRow>findByIdOptional(row.apiKeyId))
                .filter(key -> key.isGood(clock.instant())));
  }

  /** Ends a session. */
  public void close(String secret) {
    Transactions.run(() -> SessionRow.deleteById(Secrets.sha256(secret)));
  }
}
