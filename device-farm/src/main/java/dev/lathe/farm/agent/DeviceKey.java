package dev.lathe.farm.agent;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lathe.farm.Sha256;
import dev.lathe.farm.message.EnrolledAgent;
import dev.lathe.farm.message.EnrolmentRequest;
import dev.lathe.farm.message.FarmJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The key that a machine got for its one-time enrolment token, kept in the agent's folder as a file
 * that its owner alone reads: the key, and the SHA-256 of the token for which it was given.
 */
public final class DeviceKey {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Path file;

  /** The key in an agent's folder, whether it is there or not. */
  public DeviceKey(Path home) {
    this.file = home.resolve("device.key");
  }

  /** The key, if there is one. */
  public Optional<String> read() throws IOException {
    return lines().map(List::getFirst);
  }

  /**
   * Spends a token, unless it was spent for the key that is kept.
   *
   * @throws RefusedException if the service does not take it
   * @throws IOException if the service cannot be reached or the key cannot be kept
   */
  public void enrol(URI server, ServerTrust trust, String device, String token)
      throws IOException, RefusedException, InterruptedException {
    String hash = Sha256.of(token.getBytes(StandardCharsets.UTF_8));
    if (lines().filter(lines -> lines.get(1).equals(hash)).isPresent()) {
      return;
    }
    // Before the token is spent: a key that cannot be kept would be lost.
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.deleteIfExists(part);
    Files.createFile(part, ownersOnly());
    String key = spend(server, trust, new EnrolmentRequest(token, device));
    Files.write(part, List.of(key, hash));
    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private Optional<List<String>> lines() throws IOException {
    return Files.exists(file)
        ? Optional.of(Files.readAllLines(file)).filter(lines -> lines.size() == 2)
        : Optional.empty();
  }

  private static String spend(URI server, ServerTrust trust, EnrolmentRequest request)
      throws IOException, RefusedException, InterruptedException {
    ObjectMapper mapper = FarmJson.mapper();
    try (HttpClient http = trust.http().connectTimeout(LIMIT).build()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(server.resolve("/api/v1/enrolments/spend"))
                  .timeout(LIMIT)
                  .header("Content-Type", "application/json")
                  .POST(BodyPublishers.ofByteArray(mapper.writeValueAsBytes(request)))
                  .build(),
              BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        JsonNode problem = mapper.readTree(answer.body().startsWith("{") ? answer.body() : "{}");
        throw new RefusedException(
            answer.statusCode(),
            problem
                .path("detail")
                .asText("%s answered with %d.".formatted(server, answer.statusCode())));
      }
      return mapper.readValue(answer.body(), EnrolledAgent.class).key();
    } catch (IOException e) {
      throw new IOException(
          "%s does not take the enrolment token (%s). Maybe it is not running."
              .formatted(
                  server, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
          e);
    }
  }

  private FileAttribute<?>[] ownersOnly() {
    return file.getFileSystem().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
