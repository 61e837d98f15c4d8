package dev.lathe.service.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files by which no connection would come about are refused, each in one line that names it. */
class TlsFilesTest {
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir static Path folder;
  private static TlsFiles one;
  private static TlsFiles other;
  private static TlsFiles rsa;

  @BeforeAll
  static void make() throws Exception {
    one = made("one", "EC");
    other = made("other", "EC");
    rsa = made("rsa", "RSA");
  }

  private static TlsFiles made(String name, String algorithm) throws Exception {
    Path store = folder.resolve(name + ".p12");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of("-genkeypair", "-alias", "own", "-keyalg", algorithm));
    command.addAll(List.of("-dname", "CN=" + name, "-validity", "30"));
    command.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString()));
    command.addAll(List.of("-storepass", new String(PASSWORD)));
    Process keytool = new ProcessBuilder(command).inheritIO().start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD);
    return new TlsFiles(
        pem(name + ".crt", "CERTIFICATE", made.getCertificate("own").getEncoded()),
        pem(name + ".key", "PRIVATE KEY", made.getKey("own", PASSWORD).getEncoded()));
  }

  private static Path pem(String file, String kind, byte[] content) throws IOException {
    return Files.writeString(
        folder.resolve(file),
        "-----BEGIN %s-----%n%s%n-----END %s-----%n"
            .formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind));
  }

  private static void assertRefused(TlsFiles files, String... words) {
    assertThatThrownBy(() -> files.requireUsable(new Date()))
        .isInstanceOf(StartFailure.class)
        .hasMessageContainingAll(words)
        .hasMessageContaining("Maybe");
  }

  @Test
  void pairs_areTaken() {
    for (TlsFiles pair : List.of(one, other, rsa)) {
      assertThatCode(() -> pair.requireUsable(new Date())).doesNotThrowAnyException();
    }
  }

  @Test
  void keyOfAnotherCertificate_isRefused() {
    assertRefused(new TlsFiles(one.certificate(), other.key()), "other.key", "one.crt");
    assertRefused(new TlsFiles(one.certificate(), rsa.key()), "rsa.key", "one.crt");
    assertRefused(new TlsFiles(rsa.certificate(), one.key()), "one.key", "rsa.crt");
  }

  @Test
  void filesThatAreNotThereOrSomethingElse_areRefused() throws IOException {
    Path text = Files.writeString(folder.resolve("text"), "hello");
    Path encrypted = pem("encrypted.key", "ENCRYPTED PRIVATE KEY", new byte[100]);
    Path garbage = pem("garbage.key", "PRIVATE KEY", new byte[100]);
    Path noCertificate = pem("garbage.crt", "CERTIFICATE", new byte[100]);
    assertRefused(new TlsFiles(folder.resolve("gone"), one.key()), "gone", "not there");
    assertRefused(new TlsFiles(one.certificate(), folder.resolve("gone")), "gone", "not there");
    assertRefused(new TlsFiles(folder, one.key()), folder.toString(), "cannot be read");
    assertRefused(new TlsFiles(text, one.key()), text.toString(), "no certificate");
    assertRefused(new TlsFiles(noCertificate, one.key()), "garbage.crt", "no certificate");
    assertRefused(new TlsFiles(one.certificate(), text), text.toString(), "PKCS #8");
    assertRefused(new TlsFiles(one.certificate(), encrypted), "encrypted.key", "openssl");
    assertRefused(new TlsFiles(one.certificate(), garbage), "garbage.key");
  }

  @Test
  void certificateOutOfItsTime_isRefused() {
    for (int days : List.of(-2, 40)) {
      Date then = Date.from(Instant.now().plus(days, ChronoUnit.DAYS));
      assertThatThrownBy(() -> one.requireUsable(then))
          .isInstanceOf(StartFailure.class)
          .hasMessageContainingAll("one.crt", days < 0 ? "not valid before" : "expired", "Maybe");
    }
  }

  @Test
  void halfAPair_isRefused() {
    for (String setting : List.of(TlsFiles.CERTIFICATE, TlsFiles.KEY)) {
      assertThatThrownBy(() -> TlsFiles.configured(configuration(Map.of(setting, "/a/file"))))
          .isInstanceOf(StartFailure.class)
          .hasMessageContainingAll("'/a/file'", "--tls-certificate", "--tls-key");
    }
  }

  @Test
  void nothingConfigured_isPlainHttp() throws Exception {
    assertThat(TlsFiles.configured(configuration(Map.of()))).isEmpty();
  }

  private static Config configuration(Map<String, String> values) {
    return new io.smallrye.config.SmallRyeConfigBuilder()
        .withSources(new io.smallrye.config.PropertiesConfigSource(values, "test", 1))
        .build();
  }
}
