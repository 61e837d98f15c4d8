package dev.lathe.service.access;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * How many requests a key may send, and how many an address without a good key: so many in a
 * second, and a minute's worth at once. What agents send under the token of a lease, and their
 * waiting for jobs, is not counted.
 */
@ApplicationScoped
public class RateLimits {
  private static final double BURST_SECONDS = 60;
  private static final int MOST_KNOWN = 10_000;

  private final double perKey;
  private final double perAddress;
  private final InstantSource clock;
  // The ones that were used longest ago are forgotten first: by then they are full again.
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > MOST_KNOWN;
        }
      };

  private record Bucket(double left, Instant at) {}

  RateLimits(
      @ConfigProperty(name = "lathe.limits.key-per-second", defaultValue = "300") double perKey,
      @ConfigProperty(name = "lathe.limits.address-per-second", defaultValue = "10")
          double perAddress,
      InstantSource clock) {
    this.perKey = perKey;
    this.perAddress = perAddress;
    this.clock = clock;
  }

  /** Counts a request of a key; empty if it may go on, else how long it has to wait. */
  Optional<Duration> ofKey(ApiKeyRow key) {
    return take("key " + key.id, perKey, 1);
  }

  /** Counts a request without a good key. */
  Optional<Duration> ofAddress(String address) {
    return take("address " + address, perAddress, 1);
  }

  /** Whether an address has used up what it may, without counting. */
  Optional<Duration> isUsedUp(String address) {
    return take("address " + address, perAddress, 0);
  }

  private Optional<Duration> take(String whose, double perSecond, int requests) {
    Instant now = clock.instant();
    double most = BURST_SECONDS * perSecond;
    synchronized (buckets) {
      Bucket bucket = buckets.getOrDefault(whose, new Bucket(most, now));
      double passed = Math.max(0, Duration.between(bucket.at, now).toMillis() / 1000.0);
      double left = Math.min(most, bucket.left + passed * perSecond);
      boolean enough = left >= 1;
      buckets.put(whose, new Bucket(enough ? left - requests : left, now));
      return enough
          ? Optional.empty()
          : Optional.of(Duration.ofSeconds((long) Math.ceil((1 - left) / perSecond)));
    }
  }
}
