package dev.lathe.service.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.service.problem.Problem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.util.List;
import org.jboss.resteasy.reactive.RestResponse;
import org.junit.jupiter.api.Test;

class ProblemsTest {
  @Test
  void fullDisk_isToldAsSuch_whoeverFindsIt() {
    for (Exception full :
        List.of(
            new UncheckedIOException(new IOException("No space left on device")),
            new FileSystemException("/home/x", null, "Disk quota exceeded"),
            new IllegalStateException(new SQLException("could not extend file", "53100")))) {
      RestResponse<Problem.Body> answer = new Problems().failure(full);
      assertThat(answer.getStatus()).as("%s", full).isEqualTo(507);
      assertThat(answer.getEntity().detail()).contains("disk is full").doesNotContain("/home/x");
    }
    assertThat(new Problems().failure(new IOException("broken pipe")).getStatus()).isEqualTo(500);
  }
}
