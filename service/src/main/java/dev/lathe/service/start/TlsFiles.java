package dev.lathe.service.start;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.Config;

/**
 * The files by which the service speaks TLS.
 *
 * @param certificate in PEM, the service's own first, then those that vouch for it
 * @param key in PEM (PKCS #8, not encrypted)
 */
record TlsFiles(Path certificate, Path key) {
  /** Settings that name the files. */
  static final String CERTIFICATE = "lathe.tls.certificate";

  static final String KEY = "lathe.tls.key";

  private static final Pattern KEY_TEXT =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  /**
   * The files that are configured; empty where the service speaks plain HTTP.
   *
   * @throws StartFailure if only one of them is named
   */
  static Optional<TlsFiles> configured(Config config) throws StartFailure {
    Optional<String> certificate = config.getOptionalValue(CERTIFICATE, String.class);
    Optional<String> key = config.getOptionalValue(KEY, String.class);
    if (certificate.isPresent() != key.isPresent()) {
      throw new StartFailure(
          "TLS needs a certificate and its key, and only %s was named. Maybe name both: --tls-certificate FILE --tls-key FILE."
              .formatted(
                  certificate
                      .map("the certificate '%s'"::formatted)
                      .orElseGet(() -> keyNamed(key))));
    }
    return certificate.map(file -> new TlsFiles(Path.of(file), Path.of(key.orElseThrow())));
  }

  private static String keyNamed(Optional<String> key) {
    return "the key '%s'".formatted(key.orElse(""));
  }

  /**
   * Refuses files by which no connection would come about.
   *
   * @throws StartFailure naming the file and what is wrong with it
   */
  void requireUsable(Date now) throws StartFailure {
    X509Certificate own = ownCertificate();
    try {
      own.checkValidity(now);
    } catch (CertificateExpiredException e) {
      throw new StartFailure(
          "certificate '%s' expired at %s. Maybe renew it."
              .formatted(certificate, own.getNotAfter().toInstant()),
          e);
    } catch (CertificateNotYetValidException e) {
      throw new StartFailure(
          "certificate '%s' is not valid before %s. Maybe the clock of this machine is wrong."
              .formatted(certificate, own.getNotBefore().toInstant()),
          e);
    }
    if (!belongs(privateKey(own.getPublicKey().getAlgorithm()), own.getPublicKey())) {
      throw new StartFailure(
          "key '%s' is not the one of certificate '%s'. Maybe name the two files that were made together."
              .formatted(key, certificate));
    }
  }

  private X509Certificate ownCertificate() throws StartFailure {
    try {
      Collection<? extends Certificate> chain =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(content("certificate", certificate)));
      if (!chain.isEmpty()) {
        return (X509Certificate) chain.iterator().next();
      }
    } catch (CertificateException e) {
      throw noCertificate(e);
    }
    throw noCertificate(null);
  }

  private StartFailure noCertificate(@org.jspecify.annotations.Nullable Exception cause) {
    return new StartFailure(
        "there is no certificate in '%s'. Maybe name a file in PEM, which begins with -----BEGIN CERTIFICATE-----."
            .formatted(certificate),
        cause);
  }

  private PrivateKey privateKey(String algorithm) throws StartFailure {
    Matcher text = KEY_TEXT.matcher(new String(content("key", key), StandardCharsets.ISO_8859_1));
    if (!text.find()) {
      throw new StartFailure(
          "there is no unencrypted PKCS #8 key in '%s', which begins with -----BEGIN PRIVATE KEY-----. Maybe make one: openssl pkcs8 -topk8 -nocrypt -in '%s' -out key.pem"
              .formatted(key, key));
    }
    try {
      return KeyFactory.getInstance(algorithm)
          .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(text.group(1))));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new StartFailure(
          "key '%s' is no %s key, as certificate '%s' has one. Maybe name the two files that were made together."
              .formatted(key, algorithm, certificate),
          e);
    }
  }

  private static byte[] content(String what, Path file) throws StartFailure {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new StartFailure(
          "the %s of TLS, '%s', is not there. Maybe the path is misspelled.".formatted(what, file),
          e);
    } catch (IOException e) {
      throw new StartFailure(
          "the %s of TLS, '%s', cannot be read (%s). Maybe let the account of the service read it."
              .formatted(what, file, e.getClass().getSimpleName()),
          e);
    }
  }

  /** Whether what is signed by the one is verified by the other. */
  private static boolean belongs(PrivateKey own, PublicKey told) {
    byte[] text = "lathe".getBytes(StandardCharsets.UTF_8);
    String method =
        switch (told.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> told.getAlgorithm();
        };
    try {
      Signature signing = Signature.getInstance(method);
      signing.initSign(own);
      signing.update(text);
      byte[] signature = signing.sign();
      Signature verifying = Signature.getInstance(method);
      verifying.initVerify(told);
      verifying.update(text);
      return verifying.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // of another curve or length, too
    }
  }

  /** Lets Quarkus listen with them, and to plain HTTP no more. */
  void use(int port) {
    System.setProperty("quarkus.http.insecure-requests", "disabled");
    System.setProperty("quarkus.http.ssl-port", Integer.toString(port));
    System.setProperty("quarkus.http.ssl.certificate.files", escaped(certificate));
    System.setProperty("quarkus.http.ssl.certificate.key-files", escaped(key));
  }

  /** A path as one entry of a list. */
  private static String escaped(Path file) {
    return file.toAbsolutePath().toString().replace("\\", "\\\\").replace(",", "\\,");
  }
}
