package dev.lathe.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Pixels in a file, image after image. They are read by position and not through a memory map: the
 * system's cache serves both alike, but pages of a map count as memory of the process.
 */
final class PixelFile implements PixelStore.PixelTarget {
  private static final Cleaner CLEANER = Cleaner.create();

  private final ImageShape shape;
  private final int size;
  private final Path file;
  private volatile FileChannel channel;

  private PixelFile(ImageShape shape, int size, Path file) throws IOException {
    this.shape = shape;
    this.size = size;
    this.file = file;
    this.channel = open(file);
  }

  /** A file that stays; made if it is not there. */
  static PixelFile kept(ImageShape shape, int size, Path file) throws IOException {
    return new PixelFile(shape, size, file);
  }

  /** A file that goes with the store, at the latest with this process. */
  static PixelFile scratch(ImageShape shape, int size, Path folder) {
    try {
      Files.createDirectories(folder);
      PixelStore.requireSpace(folder, (long) size * shape.values());
      Path file = Files.createTempFile(folder, "lathe-", ".scratch");
      file.toFile().deleteOnExit();
      PixelFile store = new PixelFile(shape, size, file);
      FileChannel opened = store.channel;
      CLEANER.register(store, () -> delete(opened, file));
      return store;
    } catch (IOException e) {
      throw new DataException(folder, "no file can be made for images: " + e.getMessage(), e);
    }
  }

  private static void delete(FileChannel channel, Path file) {
    try (channel) {
      Files.deleteIfExists(file);
    } catch (IOException left) {
      // It goes with the process.
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  @Override
  public ImageShape shape() {
    return shape;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public Path folder() {
    return file.toAbsolutePath().getParent();
  }

  @Override
  public void read(int place, byte[] to, int offset) {
    long start = (long) place * shape.values();
    uninterrupted(
        () -> {
          ByteBuffer buffer = ByteBuffer.wrap(to, offset, shape.values());
          while (buffer.hasRemaining()) {
            int read = channel.read(buffer, start + shape.values() - buffer.remaining());
            if (read < 0) {
              throw new IOException("'%s' ends within image %d".formatted(file, place));
            }
          }
        });
  }

  @Override
  public void write(int place, byte[] pixels) {
    long start = (long) place * shape.values();
    uninterrupted(
        () -> {
          ByteBuffer buffer = ByteBuffer.wrap(pixels, 0, shape.values());
          while (buffer.hasRemaining()) {
            channel.write(buffer, start + shape.values() - buffer.remaining());
          }
        });
  }

  /** Waits until what was written would survive a power cut. */
  void force() {
    uninterrupted(() -> channel.force(false));
  }

  @FunctionalInterface
  private interface Access {
    void run() throws IOException;
  }

  /** An interrupt closes a channel for every thread: it is opened again, and the interrupt kept. */
  private void uninterrupted(Access access) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          access.run();
          return;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
          reopen();
        } catch (ClosedChannelException e) {
          reopen();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("images cannot be read or kept: " + e.getMessage(), e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void reopen() throws IOException {
    if (!channel.isOpen()) {
      channel = open(file);
    }
  }
}
