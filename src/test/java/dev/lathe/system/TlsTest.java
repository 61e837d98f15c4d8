package dev.lathe.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./lathe serve} with a certificate, its agent, and commands beside it. */
class TlsTest {
  private static final long LIMIT_SECONDS = 120;
  private static final char[] PASSWORD = "changeit".toCharArray();

  @TempDir Path folder;

  @Test
  void serviceWithACertificate_isReachedOverTlsAlone_byAgentAndCommands() throws Exception {
    Path home = folder.resolve("home");
    Path log = folder.resolve("serve.log");
    Path certificate = certificate();
    int port = ServiceProcess.freePort();
    Process serve =
        lathe(
            log,
            home,
            "serve",
            "--home",
            home.toString(),
            "--port",
            Integer.toString(port),
            "--tls-certificate",
            certificate.toString(),
            "--tls-key",
            folder.resolve("own.key").toString());
    try {
      // The commands of the home's owner find address, certificate and key by themselves.
      String devices = awaitDevice(serve, log, home);
      assertThat(devices).contains("this-machine");
      assertThat(Files.readString(log))
          .containsPattern("open it in a browser.* https://127\\.0\\.0\\.1:" + port + "/#/link/");

      String url = "https://127.0.0.1:" + port;
      Path other = Files.createDirectories(folder.resolve("other"));
      String key = home.resolve("keys/admin.key").toString();
      List<String> list = List.of("device", "list", "--url", url, "--key-file", key);
      assertThat(run(other, list)).as("a stranger's certificate").contains("not trusted", "--ca");
      List<String> trusting = new ArrayList<>(list);
      trusting.addAll(List.of("--ca", certificate.toString()));
      assertThat(run(other, trusting)).contains("this-machine");
      assertThat(answersPlainHttp(port)).isFalse();
    } finally {
      serve.destroy();
      assertThat(serve.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(home.resolve("certificate.pem")).doesNotExist();
  }

  private String awaitDevice(Process serve, Path log, Path home) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!Files.exists(log) || !Files.readString(log).contains("open it in a browser")) {
      assertThat(serve.isAlive()).as(() -> text(log)).isTrue();
      assertThat(System.nanoTime()).as(() -> text(log)).isLessThan(end);
      Thread.sleep(100);
    }
    String devices = run(home, List.of("device", "list"));
    while (!devices.contains("this-machine")) {
      assertThat(System.nanoTime()).as(devices).isLessThan(end);
      Thread.sleep(300);
      devices = run(home, List.of("device", "list"));
    }
    return devices;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private String run(Path home, List<String> arguments) throws Exception {
    Path log = folder.resolve("command.log");
    Process process = lathe(log, home, arguments.toArray(String[]::new));
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return Files.readString(log);
  }

  private static Process lathe(Path log, Path home, String... arguments) throws IOException {
    Path launcher = Path.of(System.getProperty("lathe.root"), "bench", "target");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-Dlathe.root=" + System.getProperty("lathe.root"),
            "dev.lathe.cli.Lathe"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder
        .environment()
        .put(
            "CLASSPATH",
            launcher.resolve("classes")
                + ":"
                + Files.readString(launcher.resolve("classpath")).strip());
    builder.environment().put("LATHE_HOME", home.toString());
    return builder.start();
  }

  private static boolean answersPlainHttp(int port) {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              URI.create("http://127.0.0.1:" + port + "/q/health/ready").toURL().openConnection();
      connection.setReadTimeout(5000);
      return connection.getResponseCode() > 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** A certificate of a name under which nobody reaches this machine, and its key. */
  private Path certificate() throws Exception {
    Path store = folder.resolve("own.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "own",
                "-keyalg",
                "EC",
                "-dname",
                "CN=lathe.example",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                new String(PASSWORD))
            .inheritIO()
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore made = KeyStore.getInstance(store.toFile(), PASSWORD);
    write("own.key", "PRIVATE KEY", made.getKey("own", PASSWORD).getEncoded());
    return write("own.pem", "CERTIFICATE", made.getCertificate("own").getEncoded());
  }

  private Path write(String name, String kind, byte[] content) throws IOException {
    return Files.writeString(
        folder.resolve(name),
        "-----BEGIN %s-----%n%s%n-----END %s-----%n"
            .formatted(kind, Base64.getMimeEncoder().encodeToString(content), kind));
  }
}
