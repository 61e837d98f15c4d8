package dev.lathe.service;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(LatheTestResource.class)
class ProblemTest {
  @Test
  void problem_tellsItsKindAndTheRequest() {
    given()
        .header("X-Request-Id", "mine-7")
        .get("/api/v1/searches/99999999")
        .then()
        .statusCode(404)
        .contentType("application/problem+json")
        .header("X-Request-Id", equalTo("mine-7"))
        .body("type", equalTo("urn:lathe:problem:not-found"))
        .body("requestId", equalTo("mine-7"));
    given()
        .noFilters()
        .get("/api/v1/searches")
        .then()
        .statusCode(401)
        .body("type", equalTo("urn:lathe:problem:unauthorized"))
        .body("requestId", matchesPattern("[0-9a-f]{16}"));
    given()
        .header("X-Request-Id", "not\tplain {}")
        .contentType(ContentType.JSON)
        .body("{\"name\":\"\"}")
        .post("/api/v1/keys")
        .then()
        .statusCode(400)
        .header("X-Request-Id", matchesPattern("[0-9a-f]{16}"))
        .body("type", equalTo("urn:lathe:problem:invalid-request"));
    given().get("/api/v1/searches").then().header("X-Request-Id", matchesPattern("[0-9a-f]{16}"));
  }
}
