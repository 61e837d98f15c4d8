package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.lathe.cli.client.LocalData;
import dev.lathe.cli.client.ServiceClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a data set of the user's machine comes to a service. */
class LocalDataTest {
  @TempDir Path folder;

  private HttpServer server;
  private ServiceClient client;
  private final List<String> requests = new ArrayList<>();
  private final Map<String, String> received = new TreeMap<>();
  private int registerStatus = 403;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", this::answer);
    server.start();
    client =
        new ServiceClient(URI.create("http://127.0.0.1:" + server.getAddress().getPort()), "k");
    Files.createDirectories(folder.resolve("my pets/cats"));
    Files.createDirectories(folder.resolve("my pets/dogs"));
    Files.writeString(folder.resolve("my pets/cats/1.png"), "one");
    Files.writeString(folder.resolve("my pets/dogs/2.png"), "two");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
    requests.add(request.replaceAll("-[0-9a-f]{10}", "-HASH"));
    int status = 200;
    switch (exchange.getRequestMethod()) {
      case "PUT" -> {
        ZipInputStream zip = new ZipInputStream(exchange.getRequestBody());
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
          received.put(entry.getName(), new String(zip.readAllBytes(), StandardCharsets.UTF_8));
        }
      }
      case "POST" -> status = registerStatus;
      default -> status = received.isEmpty() ? 404 : 200;
    }
    byte[] body = "{\"detail\":\"so it is\"}".getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private String spec() {
    return "folder:" + folder.resolve("my pets");
  }

  @Test
  void data_areSentOnce_whereTheServiceMayNotReadThem() throws IOException {
    String name = LocalData.known(client, spec());
    assertThat(name).matches("dataset:my-pets-[0-9a-f]{10}");
    assertThat(received).isEqualTo(Map.of("cats/1.png", "one", "dogs/2.png", "two"));
    assertThat(requests)
        .containsExactly(
            "GET /api/v1/datasets/my-pets-HASH",
            "POST /api/v1/datasets",
            "PUT /api/v1/datasets/my-pets-HASH?kind=folder");
    requests.clear();
    assertThat(LocalData.known(client, spec())).isEqualTo(name);
    assertThat(requests).containsExactly("GET /api/v1/datasets/my-pets-HASH");

    Files.writeString(folder.resolve("my pets/cats/3.png"), "three");
    assertThat(new LocalData("folder", folder.resolve("my pets")).name())
        .as("other content has another name")
        .isNotEqualTo(name.substring("dataset:".length()));
  }

  @Test
  void data_areRegistered_whereTheServiceMayReadThem() throws IOException {
    registerStatus = 201;
    assertThat(LocalData.known(client, spec())).startsWith("dataset:my-pets-");
    assertThat(requests).hasSize(2).last().isEqualTo("POST /api/v1/datasets");
    assertThat(received).isEmpty();
  }

  @Test
  void tables_areSentWithTheirPictures_whereverTheseLie() throws IOException {
    registerStatus = 201;
    Path table = Files.createDirectories(folder.resolve("tables")).resolve("pets.csv");
    Files.writeString(
        table, "id,breed,split\n../my pets/cats/1.png,a/b,train\n../my pets/dogs/2.png,c,test\n");
    assertThat(LocalData.known(client, "csv:" + table)).startsWith("dataset:pets.csv-");
    assertThat(received.get("labels.csv").lines())
        .containsExactly(
            "file,label,split",
            "pictures/0000001-1.png,a/b,train",
            "pictures/0000002-2.png,c,test");
    assertThat(received).containsEntry("pictures/0000002-2.png", "two").hasSize(3);
    assertThat(requests).last().asString().endsWith("?kind=csv");
  }

  @Test
  void archives_areSentAsTheyAre() throws IOException {
    Path archive = folder.resolve("pets.zip");
    try (var zip = new java.util.zip.ZipOutputStream(Files.newOutputStream(archive))) {
      zip.putNextEntry(new ZipEntry("cats/1.png"));
      zip.write("one".getBytes(StandardCharsets.UTF_8));
    }
    LocalData.known(client, "zip:" + archive);
    assertThat(received).isEqualTo(Map.of("cats/1.png", "one"));
    assertThat(requests).last().asString().endsWith("?kind=folder");
  }

  @Test
  void whatIsNotThere_isSaidBeforeAnythingIsSent() {
    assertThatThrownBy(() -> LocalData.known(client, "folder:" + folder.resolve("nowhere")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("does not exist");
    assertThat(requests).isEmpty();
  }

  @Test
  void whatTheServiceHas_isNamedAsItIs() throws IOException {
    for (String spec : List.of("builtin", "dataset:pets", "noise:32")) {
      assertThat(LocalData.known(client, spec)).isEqualTo(spec);
    }
    assertThat(requests).isEmpty();
  }
}
