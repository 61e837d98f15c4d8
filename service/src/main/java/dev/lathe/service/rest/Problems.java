package dev.lathe.service.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.lathe.data.archive.IntakeRefused;
import dev.lathe.runs.ArtifactWriteException;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.service.farm.FarmRefusal;
import dev.lathe.service.problem.Problem;
import dev.lathe.service.search.Searches;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.RestResponse;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns failures into problems. What is our own fault is logged, and told without its inside. */
public final class Problems {
  private static final Logger LOG = Logger.getLogger(Problems.class);

  @ServerExceptionMapper
  RestResponse<Problem.Body> problem(Problem problem) {
    RestResponse.ResponseBuilder<Problem.Body> answer =
        RestResponse.ResponseBuilder.<Problem.Body>create(problem.body().status())
            .entity(problem.body())
            .type(Problem.MEDIA_TYPE);
    problem.retryAfter().ifPresent(wait -> answer.header("Retry-After", wait.toSeconds()));
    return answer.build();
  }

  @ServerExceptionMapper
  RestResponse<Problem.Body> invalid(InvalidSearch invalid) {
    return problem(Problem.invalid(invalid.field(), String.valueOf(invalid.getMessage())));
  }

  @ServerExceptionMapper
  RestResponse<Problem.Body> intake(IntakeRefused refused) {
    String text = String.valueOf(refused.getMessage());
    return problem(
        refused.isTooLarge()
            ? Problem.of(413, "Content too large", text)
            : Problem.badRequest(text));
  }

  @ServerExceptionMapper
  RestResponse<Problem.Body> keyReused(Searches.KeyReused reused) {
    return problem(Problem.unprocessable(String.valueOf(reused.getMessage())));
  }

  @ServerExceptionMapper
  RestResponse<Problem.Body> refusal(FarmRefusal refusal) {
    String text = String.valueOf(refusal.getMessage());
    return problem(
        switch (refusal.kind()) {
          case INVALID -> Problem.badRequest(text);
          case FORBIDDEN -> Problem.forbidden(text);
          case UNFIT -> Problem.unprocessable(text);
          case UNKNOWN -> Problem.notFound(text);
          case CONFLICT -> Problem.conflict(text);
          case GONE -> Problem.gone(text);
        });
  }

  @ServerExceptionMapper
  RestResponse<Problem.Body> wrongState(IllegalStateException wrong) {
    return wrong.getStackTrace().length > 0
            && wrong.getStackTrace()[0].getClassName().startsWith("dev.lathe.")
        ? problem(Problem.conflict(String.valueOf(wrong.getMessage())))
        : failure(wrong);
  }

  @ServerExceptionMapper
  RestResponse<Problem.Body> full(ArtifactWriteException full) {
    LOG.error(full.getMessage());
    return problem(Problem.of(507, "Insufficient storage", String.valueOf(full.getMessage())));
  }

  @ServerExceptionMapper({
    JsonProcessingException.class,
    JsonMappingException.class,
    MismatchedInputException.class
  })
  RestResponse<Problem.Body> json(JsonProcessingException wrong) {
    for (Throwable cause = wrong; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidSearch invalid) {
        return invalid(invalid);
      }
      if (cause instanceof IllegalArgumentException illegal) {
        return problem(Problem.badRequest(String.valueOf(illegal.getMessage())));
      }
    }
    if (wrong instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
      String field =
          mapping.getPath().stream()
              .map(at -> at.getFieldName() == null ? "[" + at.getIndex() + "]" : at.getFieldName())
              .collect(Collectors.joining("."));
      return problem(Problem.invalid(field, field + ": " + firstLine(mapping)));
    }
    return problem(
        Problem.badRequest("the body is no JSON of the right form: " + firstLine(wrong)));
  }

  @ServerExceptionMapper
  RestResponse<Problem.Body> http(WebApplicationException wrong) {
    for (Throwable cause = wrong.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof JsonProcessingException json) {
        return json(json);
      }
    }
    int status = wrong.getResponse().getStatus();
    if (status >= 500) {
      return failure(wrong);
    }
    Response.StatusType info = wrong.getResponse().getStatusInfo();
    String detail =
        status == 404
            ? "there is nothing here. Maybe the id is wrong, or the path: see /q/openapi."
            : String.valueOf(wrong.getMessage());
    return problem(Problem.of(status, info.getReasonPhrase(), detail));
  }

  @ServerExceptionMapper
  RestResponse<Problem.Body> failure(Throwable failure) {
    if (isFull(failure)) {
      LOG.errorf("request refused, the disk is full: %s", failure.getMessage());
      return problem(
          Problem.of(
              507,
              "Insufficient storage",
              "the service's disk is full; nothing of this was stored. Maybe delete runs or data sets that are not needed, and try again."));
    }
    Optional<Problem> known = DatabaseFailures.known(failure);
    if (known.isPresent()) {
      LOG.infof("request refused: %s", failure.getMessage());
      return problem(known.get());
    }
    Object id = MDC.get(RequestIds.HEADER);
    String reference = id == null ? UUID.randomUUID().toString().substring(0, 8) : id.toString();
    LOG.errorf(failure, "request failed, reference %s", reference);
    return problem(
        Problem.of(
            500,
            "Internal error",
            "the service failed; its log tells more under reference %s.".formatted(reference)));
  }

  /** By the words of the system, and by SQLSTATE 53100, of the database. */
  private static boolean isFull(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String text = String.valueOf(cause.getMessage());
      if (cause instanceof IOException
          && (text.contains("No space left on device") || text.contains("Disk quota exceeded"))) {
        return true;
      }
      if (cause instanceof SQLException sql && "53100".equals(sql.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  private static String firstLine(JsonProcessingException wrong) {
    String text = wrong.getOriginalMessage();
    return text == null
        ? wrong.getClass().getSimpleName().toLowerCase(Locale.ROOT)
        : text.lines().findFirst().orElse(text);
  }
}
