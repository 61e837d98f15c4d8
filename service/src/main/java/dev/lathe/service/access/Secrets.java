package dev.lathe.service.access;

import dev.lathe.service.store.ArtifactFiles;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;

/** Random texts that nobody can guess, and how they are compared. */
public final class Secrets {
  /** With which the tokens of leases begin. */
  static final String LEASE_PREFIX = "lease_";

  private static final int SECRET_BYTES = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private Secrets() {}

  /** A text of {@code bytes} random bytes: letters, digits, {@code -} and {@code _}. */
  public static String random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  /** 256 random bits. */
  static String secret() {
    return random(SECRET_BYTES);
  }

  /** A bearer token for a lease. */
  public static String leaseToken() {
    return LEASE_PREFIX + secret();
  }

  /** SHA-256 in hexadecimal: what is kept of a secret. */
  public static String sha256(String secret) {
    return ArtifactFiles.sha256(secret.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the secret has the hash; takes the same time whatever the answer is. */
  static boolean matches(String secret, String sha256) {
    return MessageDigest.isEqual(
        sha256(secret).getBytes(StandardCharsets.UTF_8), sha256.getBytes(StandardCharsets.UTF_8));
  }
}
