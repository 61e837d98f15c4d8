package dev.lathe.data;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Which pictures of a pixel file are decoded, one record each, appended as they come. A process
 * that is killed loses the last records, not the others. One process at a time appends.
 */
final class DecodedJournal implements AutoCloseable {
  private static final int MOST = 1 << 17;

  private final FileChannel channel;
  private final FileLock lock;

  private DecodedJournal(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /** Opens a journal, made if it is not there; waits while another process appends to it. */
  static DecodedJournal open(Path file, Progress progress) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      while (true) {
        FileLock lock = tryLock(channel);
        if (lock != null) {
          return new DecodedJournal(channel, lock);
        }
        progress.at(0, "waiting: another process decodes the same images");
        Thread.sleep(200);
      }
    } catch (InterruptedException e) {
      channel.close();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while another process decodes the same images", e);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static @org.jspecify.annotations.Nullable FileLock tryLock(FileChannel channel)
      throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** Reads what is there into its places; what was half written is cut off. */
  void read(DecodedPicture[] into) throws IOException {
    channel.position(0);
    long good = 0;
    DataInputStream in =
        new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel), 1 << 16));
    try {
      while (true) {
        int length = in.readInt();
        if (length < 4 || length > MOST) {
          break;
        }
        byte[] record = in.readNBytes(length);
        if (record.length < length || in.readInt() != sum(record)) {
          break;
        }
        DecodedPicture picture = DecodedPicture.of(record);
        if (picture.index() >= 0 && picture.index() < into.length) {
          into[picture.index()] = picture;
        }
        good += 8L + length;
      }
    } catch (EOFException end) {
      // The last record is whole, or is written again.
    }
    channel.truncate(good);
    channel.position(good);
  }

  void append(List<DecodedPicture> pictures) throws IOException {
    for (DecodedPicture picture : pictures) {
      byte[] record = picture.toBytes();
      ByteBuffer buffer = ByteBuffer.allocate(record.length + 8);
      buffer.putInt(record.length).put(record).putInt(sum(record)).flip();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    }
    channel.force(false);
  }

  private static int sum(byte[] record) {
    CRC32 crc = new CRC32();
    crc.update(record);
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    lock.release();
    channel.close();
  }
}
