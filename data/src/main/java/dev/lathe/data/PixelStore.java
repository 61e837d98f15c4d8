package dev.lathe.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Pixels of many images of one shape, unsigned bytes as [c, h, w] each: in memory where they are
 * few, in a file where they are many, so that the heap does not bound how many there may be. Safe
 * for many threads.
 */
interface PixelStore {
  /** What is kept in memory at most, in bytes; larger stores are files. */
  long LARGEST_IN_MEMORY = Math.min(256L << 20, Runtime.getRuntime().maxMemory() / 8);

  ImageShape shape();

  int size();

  /** Copies one image's pixels. */
  void read(int place, byte[] to, int offset);

  /**
   * Some of the images, made anew at another size from what they were made of: what a picture file
   * becomes does not depend on a size that it had in between.
   *
   * @return empty where they are made of nothing else
   */
  default Optional<PixelStore> again(int[] places, int height, int width) {
    return Optional.empty();
  }

  /** Where files beside this store may be made. */
  default Path folder() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  /** The sums over one image's pixels that normalization and hash are made of. */
  default PixelSummary summary(int place) {
    byte[] pixels = new byte[shape().values()];
    read(place, pixels, 0);
    return PixelSummary.of(pixels, shape());
  }

  /** Images in memory over the given array, which is not copied. */
  static PixelStore of(ImageShape shape, byte[] pixels) {
    return new InMemory(shape, pixels);
  }

  /** Makes one image. */
  @FunctionalInterface
  interface Maker {
    void make(int place, byte[] to, int offset);
  }

  /**
   * A store of images that are made now, in parallel: in memory, or in a file that goes with this
   * process.
   *
   * @param folder for the file, if one is needed
   * @param makers gives what makes images on one thread
   * @param progress is told how many are made
   */
  static PixelStore make(
      ImageShape shape,
      int size,
      Path folder,
      Supplier<Maker> makers,
      Progress progress,
      String doing) {
    long bytes = (long) size * shape.values();
    PixelTarget target =
        bytes <= LARGEST_IN_MEMORY
            ? new InMemory(shape, new byte[(int) bytes])
            : PixelFile.scratch(shape, size, folder);
    int chunk = 64;
    int chunks = (size + chunk - 1) / chunk;
    int[] done = {0};
    IntStream.range(0, chunks)
        .parallel()
        .forEach(
            part -> {
              byte[] pixels = new byte[shape.values()];
              Maker maker = makers.get();
              for (int i = part * chunk; i < Math.min(size, (part + 1) * chunk); i++) {
                maker.make(i, pixels, 0);
                target.write(i, pixels);
              }
              synchronized (done) {
                progress.at((double) ++done[0] / chunks, doing);
              }
            });
    return target;
  }

  /** A store that is written place by place. */
  interface PixelTarget extends PixelStore {
    void write(int place, byte[] pixels);
  }

  /** In one array. */
  record InMemory(ImageShape shape, byte[] pixels) implements PixelTarget {
    @Override
    public int size() {
      return pixels.length / shape.values();
    }

    @Override
    public void read(int place, byte[] to, int offset) {
      System.arraycopy(pixels, place * shape.values(), to, offset, shape.values());
    }

    @Override
    public void write(int place, byte[] from) {
      System.arraycopy(from, 0, pixels, place * shape.values(), shape.values());
    }
  }

  /** One store after another. */
  record Joined(PixelStore first, PixelStore second) implements PixelStore {
    @Override
    public ImageShape shape() {
      return first.shape();
    }

    @Override
    public int size() {
      return first.size() + second.size();
    }

    @Override
    public void read(int place, byte[] to, int offset) {
      if (place < first.size()) {
        first.read(place, to, offset);
      } else {
        second.read(place - first.size(), to, offset);
      }
    }
  }

  /** Fails early rather than half way through. */
  static void requireSpace(Path folder, long bytes) {
    try {
      long free = Files.getFileStore(folder).getUsableSpace();
      if (free < bytes + (bytes >> 4)) {
        throw new DataException(
            folder,
            "%d MB are needed for decoded images and %d MB are free. Maybe lower the resolution, or name another folder with --home or LATHE_HOME."
                .formatted(bytes >> 20, free >> 20));
      }
    } catch (IOException e) {
      throw new DataException(folder, "the folder cannot be used: " + e.getMessage(), e);
    }
  }
}
