package dev.lathe.service.start;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The folder with everything that a service keeps: database, artifacts, work folders, keys. One
 * service at a time owns it, as long as its process lives.
 */
final class Home implements AutoCloseable {
  private static final long LOOK_AGAIN_NANOS = 200_000_000;

  private final Path folder;
  private final FileChannel channel;
  private final FileLock lock;

  private Home(Path folder, FileChannel channel, FileLock lock) {
    this.folder = folder;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * The configured folder: system property {@code lathe.home}, {@code LATHE_HOME}, or the usual.
   */
  static Path configured() {
    return Optional.ofNullable(System.getProperty("lathe.home"))
        .or(() -> Optional.ofNullable(System.getenv("LATHE_HOME")))
        .filter(text -> !text.isBlank())
        .map(Path::of)
        .orElseGet(() -> Path.of(System.getProperty("user.home"), ".lathe"))
        .toAbsolutePath()
        .normalize();
  }

  /**
   * Takes possession of a folder, which is made if it is not there. The kernel gives it up when the
   * process ends, however it ends.
   *
   * @throws StartFailure if it cannot be written or another service has it
   */
  static Home open(Path folder) throws StartFailure {
    return open(folder, 0);
  }

  /**
   * Likewise, waiting for another service that may be ending.
   *
   * @param patience in seconds
   */
  static Home open(Path folder, long patience) throws StartFailure {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(patience);
    try {
      Files.createDirectories(folder);
      closeToOthers(folder);
      FileChannel channel =
          FileChannel.open(
              folder.resolve("instance.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = lock(channel);
      while (lock == null && System.nanoTime() < deadline) {
        LockSupport.parkNanos(LOOK_AGAIN_NANOS);
        lock = lock(channel);
      }
      if (lock == null) {
        channel.close();
        throw new StartFailure(
            "another service is running on home folder %s. Maybe stop it, or choose another folder with --home."
                .formatted(folder));
      }
      return new Home(folder, channel, lock);
    } catch (IOException e) {
      throw new StartFailure(
          "home folder %s cannot be used (%s). Maybe choose another with --home or LATHE_HOME."
              .formatted(folder, e),
          e);
    }
  }

  /** Other accounts of this machine see nothing of it; what its group may, its owner decides. */
  private static void closeToOthers(Path folder) throws IOException {
    if (!folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    Set<PosixFilePermission> allowed = EnumSet.copyOf(Files.getPosixFilePermissions(folder));
    boolean changed =
        allowed.removeAll(
            Set.of(
                PosixFilePermission.OTHERS_READ,
                PosixFilePermission.OTHERS_WRITE,
                PosixFilePermission.OTHERS_EXECUTE));
    if (changed) {
      Files.setPosixFilePermissions(folder, allowed);
    }
  }

  private static @org.jspecify.annotations.Nullable FileLock lock(FileChannel channel)
      throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  Path folder() {
    return folder;
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
