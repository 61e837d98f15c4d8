package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(LatheTestResource.class)
class AccessTest {
  @ConfigProperty(name = "lathe.home")
  Path home;

  private static String create(Scope scope) {
    return given()
        .contentType(ContentType.JSON)
        .body(
            "{\"name\":\"test\",\"scope\":\"%s\"}".formatted(scope.name().toLowerCase(Locale.ROOT)))
        .post("/api/v1/keys")
        .then()
        .statusCode(201)
        .extract()
        .path("key");
  }

  private static RequestSpecification with(String key) {
    return given().header("Authorization", "Bearer " + key);
  }

  @Test
  void homeFoldersKeys_areTheOwnersAlone() throws Exception {
    for (String name : List.of("admin", "agent")) {
      Path file = home.resolve("keys").resolve(name + ".key");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    with(Files.readString(home.resolve("keys/admin.key")).strip())
        .get("/api/v1/keys")
        .then()
        .statusCode(200);
    with(Files.readString(home.resolve("keys/agent.key")).strip())
        .get("/api/v1/searches")
        .then()
        .statusCode(403);
  }

  @Test
  void everyRoute_asksForItsScope() throws Exception {
    Map<Scope, String> keys = new EnumMap<>(Scope.class);
    for (Scope scope : Scope.values()) {
      keys.put(scope, create(scope));
    }
    List<Route> routes = Route.all();
    assertThat(routes).hasSizeGreaterThan(20);
    for (Route route : routes) {
      for (Map.Entry<Scope, String> key : keys.entrySet()) {
        int status = route.call(with(key.getValue()));
        if (key.getKey().allows(route.needed)) {
          assertThat(status).as("%s as %s", route, key.getKey()).isNotIn(401, 403);
        } else {
          assertThat(status).as("%s as %s", route, key.getKey()).isEqualTo(403);
        }
      }
      assertThat(route.call(with("lathe_000000000000_" + "x".repeat(43))))
          .as("%s with an unknown key", route)
          .isEqualTo(401);
      assertThat(route.call(given().header("X-Forwarded-For", "10.0.0.1")))
          .as("%s through a proxy without key", route)
          .isEqualTo(401);
    }
  }

  @Test
  void foreignPages_needAKey() {
    given().header("Origin", "http://evil.example").get("/api/v1/searches").then().statusCode(401);
    given().header("Sec-Fetch-Site", "cross-site").get("/api/v1/searches").then().statusCode(401);
    given().header("Host", "evil.example").get("/api/v1/searches").then().statusCode(401);
    get("/api/v1/searches").then().statusCode(200);
  }

  @Test
  void revokedAndExpiredKeys_openNothing() {
    String key = create(Scope.VIEWER);
    with(key).get("/api/v1/searches").then().statusCode(200);
    String prefix = key.substring(0, key.lastIndexOf('_', 19));
    String id = get("/api/v1/keys").path("find { it.prefix == '%s' }.id".formatted(prefix));
    given().delete("/api/v1/keys/" + id).then().statusCode(204);
    with(key)
        .get("/api/v1/searches")
        .then()
        .statusCode(401)
        .contentType("application/problem+json")
        .body("title", equalTo("Unauthorized"));

    String expired =
        given()
            .contentType(ContentType.JSON)
            .body("{\"name\":\"old\",\"scope\":\"viewer\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}")
            .post("/api/v1/keys")
            .path("key");
    with(expired).get("/api/v1/searches").then().statusCode(401);
  }

  @Test
  void keysAreNotStored() {
    String key = create(Scope.VIEWER);
    String secret = key.substring(key.length() - 43);
    assertThat(get("/api/v1/keys").asString()).doesNotContain(secret);
  }

  /** A route of the API as its annotations tell; with ids that do not exist. */
  private record Route(String verb, String path, Scope needed) {
    private static final List<Class<?>> RESOURCES =
        List.of(
            dev.lathe.service.rest.SearchResource.class,
            dev.lathe.service.rest.EventResource.class,
            dev.lathe.service.rest.ArtifactResource.class,
            dev.lathe.service.rest.AgentResource.class,
            dev.lathe.service.rest.DeviceResource.class,
            dev.lathe.service.rest.CatalogResource.class,
            dev.lathe.service.rest.KeyResource.class);

    static List<Route> all() {
      List<Route> routes = new ArrayList<>();
      for (Class<?> resource : RESOURCES) {
        for (Method method : resource.getDeclaredMethods()) {
          for (var annotation : method.getAnnotations()) {
            var verb = annotation.annotationType().getAnnotation(jakarta.ws.rs.HttpMethod.class);
            if (verb != null) {
              routes.add(of(resource, method, verb.value()));
            }
          }
        }
      }
      return routes;
    }

    private static Route of(Class<?> resource, Method method, String verb) {
      var path = method.getAnnotation(jakarta.ws.rs.Path.class);
      Requires requires = method.getAnnotation(Requires.class);
      requires = requires == null ? resource.getAnnotation(Requires.class) : requires;
      assertThat(requires).as("%s of %s", verb, method).isNotNull();
      String whole =
          resource.getAnnotation(jakarta.ws.rs.Path.class).value()
              + (path == null ? "" : "/" + path.value());
      return new Route(verb, whole.replaceAll("\\{[^}]*}", "99999999"), requires.value());
    }

    int call(RequestSpecification request) {
      RequestSpecification prepared = request.header("Content-SHA256", "0".repeat(64));
      if (!verb.equals("GET") && !verb.equals("DELETE")) {
        prepared = prepared.contentType(ContentType.JSON).body("{\"nothing\":true}");
      }
      return prepared.request(verb, path).statusCode();
    }
  }
}
