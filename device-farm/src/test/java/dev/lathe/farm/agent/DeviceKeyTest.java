package dev.lathe.farm.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceKeyTest {
  @TempDir Path home;
  private final List<String> spent = new ArrayList<>();
  private HttpServer server;
  private URI address;

  /** Gives one key for each token but {@code spent}. */
  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext(
        "/api/v1/enrolments/spend",
        exchange -> {
          String body =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          spent.add(body);
          boolean good = !body.contains("\"spent\"");
          byte[] answer =
              (good
                      ? "{\"device\":\"board\",\"key\":\"key %d\"}".formatted(spent.size())
                      : "{\"detail\":\"the enrolment token was used before.\"}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(good ? 200 : 401, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void token_isSpentOnce_andItsKeyIsKeptForItsOwner() throws Exception {
    DeviceKey key = new DeviceKey(home.resolve("agent"));
    assertThat(key.read()).isEmpty();
    key.enrol(address, ServerTrust.usual(), "board", "token");
    key.enrol(address, ServerTrust.usual(), "board", "token");
    assertThat(spent).containsExactly("{\"token\":\"token\",\"device\":\"board\"}");
    assertThat(new DeviceKey(home.resolve("agent")).read()).hasValue("key 1");
    Path file = home.resolve("agent/device.key");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(Files.readString(file)).doesNotContain("token");
  }

  @Test
  void newToken_bringsANewKey_aRefusedOneLeavesTheOlder() throws Exception {
    DeviceKey key = new DeviceKey(home);
    key.enrol(address, ServerTrust.usual(), "board", "first");
    key.enrol(address, ServerTrust.usual(), "board", "second");
    assertThat(key.read()).hasValue("key 2");
    assertThatThrownBy(() -> key.enrol(address, ServerTrust.usual(), "board", "spent"))
        .isInstanceOf(RefusedException.class)
        .hasMessageContaining("was used before");
    assertThat(key.read()).hasValue("key 2");
  }

  @Test
  void serviceThatIsAway_isNamed() {
    server.stop(0);
    assertThatThrownBy(
            () -> new DeviceKey(home).enrol(address, ServerTrust.usual(), "board", "token"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(address.toString())
        .hasMessageContaining("Maybe");
  }
}
