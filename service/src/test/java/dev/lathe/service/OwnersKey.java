package dev.lathe.service;

import io.quarkus.test.junit.callback.QuarkusTestBeforeEachCallback;
import io.quarkus.test.junit.callback.QuarkusTestMethodContext;
import io.restassured.RestAssured;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Lets requests of tests carry the key of the home folder's owner, unless they bring their own; a
 * request that shall carry none says {@code noFilters()}.
 */
public final class OwnersKey implements QuarkusTestBeforeEachCallback {
  @Override
  public void beforeEach(QuarkusTestMethodContext context) {
    RestAssured.replaceFiltersWith(List.<Filter>of(new WithKey(text())));
  }

  /** The key. */
  static String text() {
    try {
      return Files.readString(
              Path.of(ConfigProvider.getConfig().getValue("lathe.home", String.class))
                  .resolve("keys/admin.key"))
          .strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record WithKey(String key) implements Filter {
    @Override
    public Response filter(
        FilterableRequestSpecification request,
        FilterableResponseSpecification response,
        FilterContext context) {
      if (!request.getHeaders().hasHeaderWithName("Authorization")) {
        request.header("Authorization", "Bearer " + key);
      }
      return context.next(request, response);
    }
  }
}
