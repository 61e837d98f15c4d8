package dev.lathe.runs.isolated;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.type.TypeFactory;
import dev.lathe.latency.Kernel;
import dev.lathe.onnx.trial.LimitedProcess;
import dev.lathe.runs.InvalidSearch;
import dev.lathe.runs.SearchRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Reads models that somebody sent, without running them, in processes of their own: two at a time,
 * each within a time and half a gibibyte of heap. A process that answered is kept for the next
 * model for a while. Safe for use by several threads.
 */
public final class ModelReader implements AutoCloseable {
  static final JavaType KERNELS =
      TypeFactory.defaultInstance().constructCollectionType(List.class, Kernel.class);

  private static final LimitedProcess.Limits LIMITS =
      new LimitedProcess.Limits(2L << 30, 512L << 20, 3600);
  private static final int MOST_AT_ONCE = 2;
  private static final Duration TIME = Duration.ofSeconds(30);
  private static final Duration TIME_OF_CHECKS = Duration.ofMinutes(2);
  private static final Duration WAIT = Duration.ofSeconds(60);
  private static final Duration KEPT = Duration.ofSeconds(60);
  private static final int MOST_KNOWN = 1000;

  private final Optional<Path> home;
  private final ModelLimits limits;
  private final Semaphore free = new Semaphore(MOST_AT_ONCE, true);
  private final List<LimitedProcess> spare = new ArrayList<>();
  private final ScheduledExecutorService clearing =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().daemon().name("model-readers").unstarted(task));
  private final Map<Path, List<Kernel>> known =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, List<Kernel>> eldest) {
          return size() > MOST_KNOWN;
        }
      };
  private long lastUsed;
  private boolean closed;

  /**
   * A reader whose processes start when they are first needed.
   *
   * @param home folder below which decoded images are kept
   */
  public ModelReader(ModelLimits limits, Optional<Path> home) {
    this.limits = limits;
    this.home = home;
    long each = KEPT.toMillis() / 2;
    var unused = clearing.scheduleWithFixedDelay(this::letGo, each, each, TimeUnit.MILLISECONDS);
  }

  /**
   * Refuses what is no model.
   *
   * @throws ModelFailure saying why
   */
  public void requireModel(byte[] file) {
    JsonNode unused = ask(task(Tasks.PARSE), place -> Files.write(place, file), TIME);
  }

  /**
   * The hash of a model's structure.
   *
   * @return empty if it cannot be read
   */
  public Optional<String> structure(byte[] file) {
    try {
      return Optional.of(
          ask(task(Tasks.STRUCTURE), place -> Files.write(place, file), TIME).asText());
    } catch (ModelFailure e) {
      return Optional.empty();
    }
  }

  /**
   * The kernels that run a model at batch 1.
   *
   * @param file whose content never changes
   * @throws ModelFailure if it cannot be read, saying why
   */
  public List<Kernel> kernels(Path file) {
    synchronized (known) {
      List<Kernel> found = known.get(file);
      if (found != null) {
        return found;
      }
    }
    Object answer =
        wire().read(ask(task(Tasks.KERNELS), place -> copy(file, place), TIME), KERNELS);
    List<Kernel> kernels = new ArrayList<>();
    ((List<?>) answer).forEach(kernel -> kernels.add((Kernel) kernel));
    synchronized (known) {
      known.put(file, kernels);
    }
    return kernels;
  }

  /**
   * Refuses a request that cannot be run, of those that open a model.
   *
   * @throws InvalidSearch naming the field
   */
  void check(SearchRequest request) {
    ObjectNode task = task(Tasks.CHECK);
    Tasks.put(task, request);
    try {
      JsonNode unused =
          inTurn(
              () -> {
                // A process of its own, which sees the files of the request.
                try (LimitedProcess process =
                    ModelProcess.start(LIMITS, limits, home, Tasks.files(request), List.of())) {
                  return ask(process, task, _ -> {}, TIME_OF_CHECKS);
                }
              });
    } catch (ModelFailure e) {
      throw new InvalidSearch(
          request.settings().containsKey("from") ? "settings.from" : "space.model",
          String.valueOf(e.getMessage()));
    }
  }

  private static void copy(Path file, Path place) throws IOException {
    Path unused = Files.copy(file, place, StandardCopyOption.REPLACE_EXISTING);
  }

  private static Wire wire() {
    return new Wire(Path.of(""));
  }

  private static ObjectNode task(String name) {
    return wire().object().put("task", name);
  }

  /** A model that a process is given. */
  @FunctionalInterface
  private interface Content {
    void putTo(Path place) throws IOException;
  }

  /** What asks a process. */
  @FunctionalInterface
  private interface Asking {
    JsonNode answer() throws InterruptedException;
  }

  /** Has a model read by a process that may have read others. */
  private JsonNode ask(ObjectNode task, Content model, Duration time) {
    return inTurn(
        () -> {
          LimitedProcess process = take();
          JsonNode answer;
          try {
            answer = ask(process, task, model, time);
          } catch (RuntimeException | Error | InterruptedException e) {
            process.close();
            throw e;
          }
          keep(process);
          return answer;
        });
  }

  private JsonNode inTurn(Asking asking) {
    try {
      if (!free.tryAcquire(WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new ModelFailure("too many models are being read. Maybe try again in a minute.");
      }
      JsonNode answer;
      try {
        answer = asking.answer();
      } finally {
        free.release();
      }
      if (answer.has("failed")) {
        throw failure(answer.get("failed"));
      }
      return answer.path("done");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ModelFailure("interrupted while the model was read.", e);
    }
  }

  private static JsonNode ask(LimitedProcess process, ObjectNode task, Content model, Duration time)
      throws InterruptedException {
    Wire wire = new Wire(process.folder());
    Path content = process.folder().resolve(Tasks.MODEL);
    long end = System.nanoTime() + time.toNanos();
    try {
      model.putTo(content);
      process.send(wire.line(task));
      while (true) {
        String line =
            process
                .read(Duration.ofNanos(Math.max(0, end - System.nanoTime())))
                .orElseThrow(
                    () ->
                        new ModelFailure(
                            "reading the model took longer than %d s and was ended. Maybe it is damaged."
                                .formatted(time.toSeconds())));
        if (line.startsWith("{")) {
          JsonNode answer = wire.message(line);
          Files.deleteIfExists(content);
          return answer;
        }
      }
    } catch (LimitedProcess.Ended e) {
      throw new ModelFailure("the model's process " + e.getMessage(), e);
    } catch (IOException e) {
      throw new ModelFailure(
          "the model cannot be given to its process (%s). Maybe the temporary folder is full."
              .formatted(e.getMessage()),
          e);
    }
  }

  private static RuntimeException failure(JsonNode failed) {
    String message = failed.path("message").asText();
    return failed.has("field")
        ? new InvalidSearch(failed.get("field").asText(), message)
        : new ModelFailure(message);
  }

  private LimitedProcess take() {
    synchronized (spare) {
      lastUsed = System.nanoTime();
      while (!spare.isEmpty()) {
        LimitedProcess process = spare.removeLast();
        if (process.isAlive()) {
          return process;
        }
        process.close();
      }
    }
    return ModelProcess.start(LIMITS, limits, home, List.of(), List.of());
  }

  private void keep(LimitedProcess process) {
    synchronized (spare) {
      lastUsed = System.nanoTime();
      if (!closed) {
        spare.add(process);
        return;
      }
    }
    process.close();
  }

  private void letGo() {
    synchronized (spare) {
      if (System.nanoTime() - lastUsed > KEPT.toNanos()) {
        spare.forEach(LimitedProcess::close);
        spare.clear();
      }
    }
  }

  @Override
  public void close() {
    clearing.shutdownNow();
    synchronized (spare) {
      closed = true;
      spare.forEach(LimitedProcess::close);
      spare.clear();
    }
  }
}
