package dev.lathe.farm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server is trusted by its own certificate, or by an authority under its own name. */
class ServerTrustTest {
  private static final String PASSWORD = "changeit";

  @TempDir static Path folder;

  /** Stores: an authority, what it vouches for under the name of this machine and another name. */
  @BeforeAll
  static void make() throws Exception {
    keytool("authority", "-genkeypair", "-dname", "CN=authority", "-ext", "bc:c");
    keytool("alone", "-genkeypair", "-dname", "CN=somewhere.example");
    for (String name : List.of("here", "elsewhere")) {
      String host = name.equals("here") ? "san=ip:127.0.0.1" : "san=dns:elsewhere.example";
      Path asked = folder.resolve(name + ".csr");
      Path given = folder.resolve(name + ".signed");
      keytool(name, "-genkeypair", "-dname", "CN=" + name);
      keytool(name, "-certreq", "-file", asked.toString());
      keytool(
          "authority",
          "-gencert",
          "-rfc",
          "-ext",
          host,
          "-infile",
          asked.toString(),
          "-outfile",
          given.toString());
      Path chain = folder.resolve(name + ".chain");
      Files.writeString(
          chain, Files.readString(given) + Files.readString(certificate("authority")));
      keytool(name, "-importcert", "-noprompt", "-file", chain.toString());
    }
  }

  private static void keytool(String store, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(List.of("-alias", "own", "-storetype", "PKCS12", "-storepass", PASSWORD));
    command.addAll(List.of("-keystore", folder.resolve(store + ".p12").toString()));
    if (List.of(arguments).contains("-genkeypair")) {
      command.addAll(List.of("-keyalg", "EC", "-validity", "30"));
    }
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertThat(process.waitFor()).as(() -> text(folder.resolve("keytool.log"))).isZero();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private static KeyStore store(String name) throws Exception {
    return KeyStore.getInstance(folder.resolve(name + ".p12").toFile(), PASSWORD.toCharArray());
  }

  private static Path certificate(String name) throws Exception {
    return Files.writeString(
        folder.resolve(name + ".pem"),
        "-----BEGIN CERTIFICATE-----%n%s%n-----END CERTIFICATE-----%n"
            .formatted(
                Base64.getMimeEncoder()
                    .encodeToString(store(name).getCertificate("own").getEncoded())));
  }

  private interface Use {
    void with(URI address) throws Exception;
  }

  private static void serving(String name, Use use) throws Exception {
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store(name), PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(404, -1);
          exchange.close();
        });
    server.start();
    try {
      use.with(URI.create("https://127.0.0.1:" + server.getAddress().getPort()));
    } finally {
      server.stop(0);
    }
  }

  private static int status(ServerTrust trust, URI address) throws Exception {
    try (HttpClient http = trust.http().build()) {
      return http.send(HttpRequest.newBuilder(address).build(), BodyHandlers.discarding())
          .statusCode();
    }
  }

  @Test
  void ownCertificate_isTrustedUnderAnyName_andNoOther() throws Exception {
    serving(
        "alone",
        address -> {
          assertThat(status(ServerTrust.of(certificate("alone")), address)).isEqualTo(404);
          for (ServerTrust other :
              List.of(
                  ServerTrust.usual(),
                  ServerTrust.of(certificate("here")),
                  ServerTrust.of(certificate("authority")))) {
            assertThatThrownBy(() -> status(other, address)).isInstanceOf(SSLException.class);
          }
        });
  }

  @Test
  void authority_vouchesUnderTheNameAlone() throws Exception {
    ServerTrust authority = ServerTrust.of(certificate("authority"));
    serving("here", address -> assertThat(status(authority, address)).isEqualTo(404));
    serving(
        "elsewhere",
        address ->
            assertThatThrownBy(() -> status(authority, address)).isInstanceOf(SSLException.class));
  }

  @Test
  void checkOfTheService_tellsWhatToDo() throws Exception {
    serving(
        "alone",
        address -> {
          assertThat(ServiceCheck.problem(address, ServerTrust.usual(), Optional.of("k")))
              .hasValueSatisfying(text -> assertThat(text).contains("not trusted", "--ca"));
          assertThat(
                  ServiceCheck.problem(
                      address, ServerTrust.of(certificate("alone")), Optional.of("k")))
              .isEmpty();
        });
  }

  @Test
  void filesWithoutCertificates_areRefused() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "hello");
    Path empty = Files.writeString(folder.resolve("empty"), "");
    for (Path file : List.of(text, empty, folder.resolve("gone"))) {
      assertThatThrownBy(() -> ServerTrust.of(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("'" + file + "'")
          .hasMessageContaining("Maybe");
    }
  }
}
