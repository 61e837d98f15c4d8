package dev.lathe.data;

import dev.lathe.data.picture.Framing;
import dev.lathe.data.picture.PictureDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Picture files decoded to one size. With a cache folder they are decoded once: pixels and what
 * became of each file are kept there, under a hash of the files' paths, sizes and times and of the
 * size they are decoded to, and a process that is stopped half way goes on where it was.
 *
 * @param pixels of all files; those that cannot be read are left black
 * @param pictures what became of each file
 */
record DecodedPictures(PixelStore pixels, List<DecodedPicture> pictures) {
  /** Part of the key: raised whenever the same file would be decoded to other pixels. */
  private static final String VERSION = "2";

  private static final int CHUNK = 16;
  private static final long TELL_NANOS = 200_000_000L;
  private static final long KEEP_NANOS = 2_000_000_000L;
  private static final Duration UNUSED = Duration.ofDays(60);

  DecodedPictures {
    pictures = List.copyOf(pictures);
  }

  static DecodedPictures of(
      List<Path> files, Framing framing, DataOptions options, Progress progress) {
    ImageShape shape = new ImageShape(3, framing.height(), framing.width());
    Again again = new Again(files, framing, options);
    DecodedPicture[] pictures = new DecodedPicture[files.size()];
    if (options.cache().isEmpty()) {
      long bytes = (long) files.size() * shape.values();
      PixelStore.PixelTarget target =
          bytes <= PixelStore.LARGEST_IN_MEMORY
              ? new PixelStore.InMemory(shape, new byte[(int) bytes])
              : PixelFile.scratch(shape, files.size(), options.scratchFolder());
      decode(files, framing, target, pictures, Optional.empty(), progress);
      return of(target, pictures, again);
    }
    Path folder = options.cache().get();
    String key = key(files, framing);
    Path kept = folder.resolve(key + ".pixels");
    Path facts = folder.resolve(key + ".facts");
    try {
      Files.createDirectories(folder);
      sweep(folder);
      try (DecodedJournal journal = DecodedJournal.open(facts, progress)) {
        if (Files.exists(kept)) {
          journal.read(pictures);
        } else {
          PixelStore.requireSpace(folder, (long) files.size() * shape.values());
        }
        PixelFile target = PixelFile.kept(shape, files.size(), kept);
        decode(files, framing, target, pictures, Optional.of(journal), progress);
        Files.setLastModifiedTime(facts, FileTime.from(Instant.now()));
        return of(target, pictures, again);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new DataException(folder, "decoded images cannot be kept: " + e.getMessage(), e);
    }
  }

  private static DecodedPictures of(PixelStore pixels, DecodedPicture[] pictures, Again again) {
    List<DecodedPicture> all = List.of(pictures);
    return new DecodedPictures(new Summarised(pixels, all, again), all);
  }

  /** The files, to be decoded to another size. */
  private record Again(List<Path> files, Framing framing, DataOptions options) {
    /** The pictures at other places of this size, or nothing if the files are there no more. */
    Optional<PixelStore> at(int[] places, int height, int width) {
      List<Path> chosen = Arrays.stream(places).mapToObj(files::get).toList();
      if (!chosen.stream().allMatch(Files::isRegularFile)) {
        return Optional.empty();
      }
      Framing other = new Framing(height, width, framing.fit(), framing.share());
      return Optional.of(of(chosen, other, options, Progress.none()).pixels());
    }
  }

  /** A store whose summaries are known. */
  private record Summarised(PixelStore pixels, List<DecodedPicture> pictures, Again again)
      implements PixelStore {
    @Override
    public Optional<PixelStore> again(int[] places, int height, int width) {
      return again.at(places, height, width);
    }

    @Override
    public ImageShape shape() {
      return pixels.shape();
    }

    @Override
    public int size() {
      return pixels.size();
    }

    @Override
    public Path folder() {
      return pixels.folder();
    }

    @Override
    public void read(int place, byte[] to, int offset) {
      pixels.read(place, to, offset);
    }

    @Override
    public PixelSummary summary(int place) {
      return pictures.get(place).pixels().orElseGet(() -> pixels.summary(place));
    }
  }

  private static void decode(
      List<Path> files,
      Framing framing,
      PixelStore.PixelTarget target,
      DecodedPicture[] pictures,
      Optional<DecodedJournal> journal,
      Progress progress) {
    int[] missing = IntStream.range(0, pictures.length).filter(i -> pictures[i] == null).toArray();
    int chunks = (missing.length + CHUNK - 1) / CHUNK;
    Keeper keeper = new Keeper(target, journal, pictures.length - missing.length, pictures.length);
    progress.at((double) keeper.done / pictures.length, keeper.message());
    IntStream.range(0, chunks)
        .parallel()
        .forEach(
            chunk -> {
              PictureDecoder decoder = new PictureDecoder();
              List<DecodedPicture> decoded = new ArrayList<>(CHUNK);
              for (int k = chunk * CHUNK; k < Math.min(missing.length, (chunk + 1) * CHUNK); k++) {
                int index = missing[k];
                DecodedPicture picture = decode(decoder, files.get(index), framing, index, target);
                pictures[index] = picture;
                decoded.add(picture);
                keeper.tell(progress);
              }
              keeper.keep(decoded);
            });
    keeper.flush();
  }

  private static DecodedPicture decode(
      PictureDecoder decoder,
      Path file,
      Framing framing,
      int index,
      PixelStore.PixelTarget target) {
    byte[] pixels = new byte[target.shape().values()];
    try {
      PictureDecoder.Facts facts = decoder.decode(file, framing, pixels, 0);
      target.write(index, pixels);
      return new DecodedPicture(
          index, Optional.of(facts), Optional.of(PixelSummary.of(pixels, target.shape())), "");
    } catch (DataException e) {
      String text = Objects.requireNonNullElse(e.getMessage(), "");
      return DecodedPicture.failed(index, text.replace(file + ": ", ""));
    }
  }

  /** Keeps what is decoded, every two seconds: the pixels first, then that they are there. */
  private static final class Keeper {
    private final PixelStore.PixelTarget target;
    private final Optional<DecodedJournal> journal;
    private final int all;
    private final List<DecodedPicture> waiting = new ArrayList<>();
    private int done;
    private long kept = System.nanoTime();
    private long told = kept;

    Keeper(PixelStore.PixelTarget target, Optional<DecodedJournal> journal, int done, int all) {
      this.target = target;
      this.journal = journal;
      this.done = done;
      this.all = all;
    }

    synchronized void tell(Progress progress) {
      done++;
      long now = System.nanoTime();
      if (done == all || now - told > TELL_NANOS) {
        told = now;
        progress.at((double) done / all, message());
      }
    }

    String message() {
      return "reading images (%d of %d)".formatted(done, all);
    }

    synchronized void keep(List<DecodedPicture> decoded) {
      // What cannot be read is tried again the next time: it may have been repaired.
      decoded.stream().filter(DecodedPicture::readable).forEach(waiting::add);
      if (System.nanoTime() - kept > KEEP_NANOS) {
        flush();
      }
    }

    synchronized void flush() {
      if (journal.isEmpty() || waiting.isEmpty()) {
        return;
      }
      try {
        if (target instanceof PixelFile file) {
          file.force();
        }
        journal.get().append(waiting);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      waiting.clear();
      kept = System.nanoTime();
    }
  }

  private static String key(List<Path> files, Framing framing) {
    MessageDigest digest = PixelSummary.digest();
    digest.update((VERSION + "\n" + framing + "\n").getBytes(StandardCharsets.UTF_8));
    for (Path file : files) {
      String stamp;
      try {
        stamp = Files.size(file) + " " + Files.getLastModifiedTime(file);
      } catch (IOException e) {
        stamp = "unreadable";
      }
      digest.update(
          (file.toAbsolutePath().normalize() + "\n" + stamp + "\n")
              .getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().formatHex(digest.digest()).substring(0, 32);
  }

  /** Removes what was not used for two months. */
  private static void sweep(Path folder) throws IOException {
    Instant before = Instant.now().minus(UNUSED);
    try (var entries = Files.newDirectoryStream(folder, "*.facts")) {
      for (Path facts : entries) {
        if (Files.getLastModifiedTime(facts).toInstant().isBefore(before)) {
          Files.deleteIfExists(
              facts.resolveSibling(facts.getFileName().toString().replace(".facts", ".pixels")));
          Files.deleteIfExists(facts);
        }
      }
    }
  }
}
