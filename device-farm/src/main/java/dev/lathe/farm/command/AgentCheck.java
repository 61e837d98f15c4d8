package dev.lathe.farm.command;

import dev.lathe.farm.DeviceFacts;
import dev.lathe.farm.Measurement;
import dev.lathe.farm.MeasurementBackend;
import dev.lathe.farm.MeasurementFailed;
import dev.lathe.farm.MeasurementProtocol;
import dev.lathe.farm.SentinelModel;
import dev.lathe.farm.agent.ServerTrust;
import dev.lathe.farm.agent.ServiceCheck;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Looks whether an agent could work here, one line a thing, without registering anything. */
final class AgentCheck {
  private static final long LEAST_FREE_BYTES = 256L << 20;

  private final BackendChoice choice;
  private final Path home;
  private final Optional<URI> server;
  private final ServerTrust trust;
  private final Optional<String> key;
  private final PrintWriter out;
  private boolean good = true;

  AgentCheck(
      BackendChoice choice,
      Path home,
      Optional<URI> server,
      ServerTrust trust,
      Optional<String> key,
      PrintWriter out) {
    this.choice = choice;
    this.home = home;
    this.server = server;
    this.trust = trust;
    this.key = key;
    this.out = out;
  }

  /** Whether all is well. */
  boolean run() throws InterruptedException {
    folder();
    device();
    service();
    out.flush();
    return good;
  }

  private void folder() {
    try {
      Files.createDirectories(home);
      long free = Files.getFileStore(home).getUsableSpace();
      say(
          free >= LEAST_FREE_BYTES && Files.isWritable(home),
          "folder",
          "'%s', %,d MB free".formatted(home, free / 1_000_000));
    } catch (IOException e) {
      say(false, "folder", "'%s' cannot be used (%s)".formatted(home, e.getMessage()));
    }
  }

  private void device() throws InterruptedException {
    Path sentinel = home.resolve("check.onnx");
    try (MeasurementBackend backend = choice.open(home, Map.of())) {
      DeviceFacts facts = backend.facts();
      say(
          true,
          "device",
          "%s (%s), %s, %s, %d threads"
              .formatted(
                  facts.backend(),
                  facts.reality().word(),
                  facts.processor(),
                  facts.runtime(),
                  facts.threads()));
      say(true, "forms", String.join(" ", facts.forms()));
      say(true, "metrics", String.join(" ", facts.metrics()));
      Files.write(sentinel, SentinelModel.bytes());
      Measurement found = backend.measure(sentinel, MeasurementProtocol.quick(1));
      say(
          true,
          "measures",
          "the sentinel takes %.4f ms, %s: %s"
              .formatted(found.p50(), found.verdict().level().word(), found.verdict().reason()));
    } catch (MeasurementFailed | IOException e) {
      say(false, "device", String.valueOf(e.getMessage()));
    } finally {
      try {
        Files.deleteIfExists(sentinel);
      } catch (IOException e) {
        say(false, "folder", "'%s' cannot be deleted".formatted(sentinel));
      }
    }
  }

  private void service() throws InterruptedException {
    if (server.isEmpty()) {
      say(true, "service", "not asked for: no --server");
      return;
    }
    Optional<String> problem = ServiceCheck.problem(server.get(), trust, key);
    say(
        problem.isEmpty(),
        "service",
        problem.orElse("%s answers and knows the key".formatted(server.get())));
  }

  private void say(boolean fine, String what, String text) {
    good &= fine;
    out.printf("%-8s %-9s %s%n", fine ? "ok" : "PROBLEM", what, text);
  }
}
