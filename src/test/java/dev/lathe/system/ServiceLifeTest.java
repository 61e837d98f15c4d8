package dev.lathe.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starts, stops, kills and restarts the packaged service. */
class ServiceLifeTest {
  @TempDir Path home;

  @Test
  void service_keepsEverythingThroughStopAndKill() throws Exception {
    Path postmaster = home.resolve("postgres/data/postmaster.pid");
    String id;
    try (ServiceProcess service = ServiceProcess.start(home)) {
      id = register(service, "kept-device");
      assertThat(service.get("/q/openapi?format=json").path("paths").has("/api/v1/searches"))
          .isTrue();
      assertThat(service.send("GET", "/", "").statusCode()).isEqualTo(200);
    }
    assertThat(postmaster).as("a clean stop ends the database").doesNotExist();

    ServiceProcess killed = ServiceProcess.start(home);
    assertThat(killed.get("/api/v1/devices").get(0).path("name").asText()).isEqualTo("kept-device");
    assertThat(register(killed, "kept-device")).isEqualTo(id);
    killed.kill();
    assertThat(postmaster).as("a kill leaves the database running").exists();
    long orphan = Long.parseLong(Files.readAllLines(postmaster).getFirst().strip());
    assertThat(ProcessHandle.of(orphan)).isPresent();

    try (ServiceProcess service = ServiceProcess.start(home)) {
      assertThat(service.get("/api/v1/devices").get(0).path("id").asText()).isEqualTo(id);
      assertThat(ProcessHandle.of(orphan)).as("the orphan is gone").isEmpty();
      secondServiceOnTheSameHome_isRefused(service);
    }
  }

  private void secondServiceOnTheSameHome_isRefused(ServiceProcess first) throws Exception {
    Path log = home.resolve("second.log");
    Process second = ServiceProcess.launch(home, ServiceProcess.freePort(), log);
    assertRefused(second, log, "another service is running on home folder " + home);
    assertThat(first.get("/api/v1/devices")).hasSize(1);
  }

  @Test
  void portInUse_isSaidInOneLine() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Path log = home.resolve("service.log");
      Process process = ServiceProcess.launch(home, taken.getLocalPort(), log);
      assertRefused(process, log, "port " + taken.getLocalPort());
    }
  }

  @Test
  void unusableHome_isSaidInOneLine() throws Exception {
    Path file = Files.writeString(home.resolve("file"), "no folder");
    Path log = home.resolve("service.log");
    Process process = ServiceProcess.launch(file.resolve("home"), ServiceProcess.freePort(), log);
    assertRefused(process, log, "home folder " + file.resolve("home"));
  }

  @Test
  void unreachableDatabase_isSaidInOneLine() throws Exception {
    Path log = home.resolve("service.log");
    String url = "jdbc:postgresql://127.0.0.1:" + ServiceProcess.freePort() + "/lathe";
    Process process =
        ServiceProcess.launch(
            home, ServiceProcess.freePort(), log, "-Dquarkus.datasource.jdbc.url=" + url);
    assertRefused(process, log, url);
  }

  @Test
  void service_asksForAKey_andTellsWhereItListensOnlyToItsOwner() throws Exception {
    Path address = home.resolve("address");
    try (ServiceProcess service = ServiceProcess.start(home)) {
      for (String path : List.of("/api/v1/searches", "/api/v1/keys", "/api/v1/devices")) {
        assertThat(service.send("GET", path, "", "").statusCode()).as(path).isEqualTo(401);
      }
      assertThat(service.send("POST", "/api/v1/keys", "{\"name\":\"x\",\"scope\":\"admin\"}", ""))
          .extracting(HttpResponse::statusCode)
          .isEqualTo(401);
      assertThat(Files.readString(address).strip()).isEqualTo("http://127.0.0.1:" + service.port);
      for (Path secret :
          List.of(address, home.resolve("keys/admin.key"), home.resolve("postgres/passwords"))) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)))
            .as("%s", secret)
            .isEqualTo("rw-------");
      }
    }
    assertThat(address).doesNotExist();
  }

  /** The process ends with code 1 and one line that says why. */
  private static void assertRefused(Process process, Path log, String why) throws Exception {
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    String text = Files.readString(log);
    assertThat(process.exitValue()).as(text).isEqualTo(1);
    assertThat(text.lines().filter(line -> !line.startsWith("WARNING:")))
        .singleElement()
        .asString()
        .startsWith("lathe: ")
        .contains(why)
        .contains("Maybe");
  }

  private static String register(ServiceProcess service, String name) throws Exception {
    JsonNode answer =
        service.post(
            "/api/v1/agents",
            """
            {"name":"%s","backend":"test","host":"elsewhere","runtime":"test 1","threads":1,
             "processor":"p","memoryBytes":1,"version":"1"}
            """
                .formatted(name));
    return answer.path("deviceId").asText();
  }
}
