package dev.lathe.service;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import dev.lathe.service.access.ApiKeyRow;
import dev.lathe.service.access.Open;
import dev.lathe.service.access.Requires;
import dev.lathe.service.access.Scope;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.http.Cookie;
import io.restassured.http.Header;
import io.restassured.specification.RequestSpecification;
import jakarta.ws.rs.Consumes;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
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
    assertThat(routes).hasSizeGreaterThan(35);
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
      assertThat(route.call(given().noFilters())).as("%s without a key", route).isEqualTo(401);
    }
  }

  @Test
  void openRoutes_areTheseAlone() {
    assertThat(RestRoutes.methods().stream().filter(m -> m.isAnnotationPresent(Open.class)))
        .extracting(method -> method.getDeclaringClass().getSimpleName() + "." + method.getName())
        .containsExactlyInAnyOrder(
            "SessionResource.open", "SessionResource.close", "EnrolmentResource.spend");
  }

  private static Cookie session(String key) {
    return given()
        .noFilters()
        .contentType(ContentType.JSON)
        .body("{\"key\":\"%s\"}".formatted(key))
        .post("/api/v1/session")
        .then()
        .statusCode(204)
        .extract()
        .detailedCookies()
        .asList()
        .getFirst();
  }

  @Test
  void session_mayWhatItsKeyMay_andEndsWithIt() {
    String key = create(Scope.VIEWER);
    Cookie session = session(key);
    assertThat(session.isHttpOnly()).isTrue();
    assertThat(session.getSameSite()).isEqualTo("Strict");
    assertThat(session.getPath()).isEqualTo("/");
    given().noFilters().cookie(session).get("/api/v1/searches").then().statusCode(200);
    given()
        .noFilters()
        .cookie(session)
        .get("/api/v1/session")
        .then()
        .body("scope", equalTo("viewer"));
    given().noFilters().cookie(session).get("/api/v1/keys").then().statusCode(403);
    revoke(key);
    given().noFilters().cookie(session).get("/api/v1/searches").then().statusCode(401);
  }

  @Test
  void session_endsWhenItIsClosed() {
    Cookie session = session(create(Scope.VIEWER));
    given()
        .noFilters()
        .cookie(session)
        .delete("/api/v1/session")
        .then()
        .statusCode(204)
        .header("Set-Cookie", containsString("Max-Age=0"));
    given().noFilters().cookie(session).get("/api/v1/searches").then().statusCode(401);
  }

  @Test
  void sessionOfAnotherPage_opensNothing() {
    Cookie session = session(create(Scope.ADMIN));
    for (Header foreign :
        List.of(
            new Header("Origin", "http://evil.example"),
            new Header("Origin", "http://localhost:1"),
            new Header("Sec-Fetch-Site", "cross-site"),
            new Header("Sec-Fetch-Site", "same-site"))) {
      for (String path : List.of("/api/v1/searches", "/api/v1/keys")) {
        given().noFilters().cookie(session).header(foreign).get(path).then().statusCode(403);
      }
      given()
          .noFilters()
          .header(foreign)
          .contentType(ContentType.JSON)
          .body("{\"link\":\"x\"}")
          .post("/api/v1/session")
          .then()
          .statusCode(403);
    }
    given()
        .noFilters()
        .cookie(session)
        .header("Sec-Fetch-Site", "same-origin")
        .get("/api/v1/keys")
        .then()
        .statusCode(200);
  }

  @Test
  void link_opensOneSessionAlone() {
    String key = create(Scope.VIEWER);
    String body =
        "{\"link\":\"%s\"}"
            .formatted((String) with(key).post("/api/v1/session/links").path("link"));
    Cookie session =
        given()
            .noFilters()
            .contentType(ContentType.JSON)
            .body(body)
            .post("/api/v1/session")
            .then()
            .statusCode(204)
            .extract()
            .detailedCookies()
            .asList()
            .getFirst();
    given()
        .noFilters()
        .cookie(session)
        .get("/api/v1/session")
        .then()
        .body("scope", equalTo("viewer"));
    given()
        .noFilters()
        .contentType(ContentType.JSON)
        .body(body)
        .post("/api/v1/session")
        .then()
        .statusCode(401);
  }

  @Test
  void revokedKey_isNotBroughtBackByItsUse() throws Exception {
    String key = create(Scope.VIEWER);
    // lathe_PREFIX_SECRET, in which the secret may begin with what divides them
    String prefix = key.substring(0, key.indexOf('_', "lathe_".length()));
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              // Someone revokes the key in a transaction that is not ended when the key is used.
              ApiKeyRow.getEntityManager()
                  .createNativeQuery("update api_key set revoked_at = now() where prefix = ?1")
                  .setParameter(1, prefix.substring("lathe_".length()))
                  .executeUpdate();
              Thread use = Thread.ofVirtual().start(() -> with(key).get("/api/v1/searches"));
              try {
                use.join(Duration.ofMillis(700));
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    for (int i = 0; i < 3; i++) {
      Thread.sleep(100);
      with(key).get("/api/v1/searches").then().statusCode(401);
    }
  }

  private static void revoke(String key) {
    // lathe_PREFIX_SECRET, in which the secret may begin with what divides them
    String prefix = key.substring(0, key.indexOf('_', "lathe_".length()));
    String id = get("/api/v1/keys").path("find { it.prefix == '%s' }.id".formatted(prefix));
    given().delete("/api/v1/keys/" + id).then().statusCode(204);
  }

  @Test
  void revokedAndExpiredKeys_openNothing() {
    String key = create(Scope.VIEWER);
    with(key).get("/api/v1/searches").then().statusCode(200);
    revoke(key);
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
  void metrics_needAKey() {
    given().noFilters().get("/q/metrics").then().statusCode(401);
    with(create(Scope.AGENT)).get("/q/metrics").then().statusCode(401);
    with(create(Scope.VIEWER)).get("/q/metrics").then().statusCode(200);
    given().noFilters().get("/q/health/ready").then().statusCode(200);
  }

  @Test
  void answers_tellBrowsersToTrustNothingElse() {
    for (String path : List.of("/", "/api/v1/searches", "/nothing")) {
      given()
          .get(path)
          .then()
          .header("Content-Security-Policy", containsString("script-src 'self';"))
          .header("Content-Security-Policy", containsString("frame-ancestors 'none'"))
          .header("X-Content-Type-Options", equalTo("nosniff"))
          .header("Referrer-Policy", equalTo("no-referrer"));
    }
  }

  @Test
  void keysAreNotStored() {
    String key = create(Scope.VIEWER);
    String secret = key.substring(key.length() - 43);
    assertThat(get("/api/v1/keys").asString()).doesNotContain(secret);
  }

  /** A route of the API as its annotations tell; with ids that do not exist. */
  private record Route(String verb, String path, Scope needed, String mediaType) {
    static List<Route> all() {
      return RestRoutes.methods().stream()
          .filter(method -> !method.isAnnotationPresent(Open.class))
          .map(method -> of(method.getDeclaringClass(), method, RestRoutes.verb(method)))
          .toList();
    }

    private static Route of(Class<?> resource, Method method, String verb) {
      var path = method.getAnnotation(jakarta.ws.rs.Path.class);
      Requires requires = method.getAnnotation(Requires.class);
      requires = requires == null ? resource.getAnnotation(Requires.class) : requires;
      assertThat(requires).as("%s of %s", verb, method).isNotNull();
      String whole =
          resource.getAnnotation(jakarta.ws.rs.Path.class).value()
              + (path == null ? "" : "/" + path.value());
      Consumes consumes = method.getAnnotation(Consumes.class);
      return new Route(
          verb,
          whole.replaceAll("\\{[^}]*}", "99999999"),
          requires.value(),
          consumes == null ? ContentType.JSON.toString() : consumes.value()[0]);
    }

    int call(RequestSpecification request) {
      RequestSpecification prepared = request.header("Content-SHA256", "0".repeat(64));
      if (!verb.equals("GET") && !verb.equals("DELETE")) {
        prepared =
            prepared
                .contentType(mediaType)
                .body("{\"nothing\":true}".getBytes(StandardCharsets.UTF_8));
      }
      return prepared.request(verb, path).statusCode();
    }
  }
}
