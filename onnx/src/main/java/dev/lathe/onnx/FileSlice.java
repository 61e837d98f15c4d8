package dev.lathe.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Bytes that stay in an open file: they are read when they are asked for, and not kept. The file
 * may be moved or deleted meanwhile, but not changed.
 *
 * @param file open for reading; closed when nobody refers to it any more
 * @param offset of the first byte
 * @param length in bytes
 */
record FileSlice(FileChannel file, long offset, long length) {
  /**
   * Fills a buffer.
   *
   * @param from the first byte wanted, counted from the slice's own first
   * @throws OnnxException if the file has become shorter, or cannot be read
   */
  void read(long from, ByteBuffer into) {
    try {
      long at = offset + from;
      while (into.hasRemaining()) {
        int count = file.read(into, at);
        if (count < 0) {
          throw new OnnxException(
              "the model's file became shorter while it was used. Maybe another program writes it.");
        }
        at += count;
      }
    } catch (IOException e) {
      throw new OnnxException(
          "weights cannot be read from the model's file any more: %s.".formatted(e), e);
    }
  }

  /**
   * All bytes.
   *
   * @throws OnnxException if they are more than an array holds
   */
  byte[] bytes() {
    if (length > WireLimits.MAX_BYTES) {
      throw new OnnxException(
          "%d bytes of one tensor are more than can be held at a time.".formatted(length));
    }
    byte[] bytes = new byte[(int) length];
    read(0, ByteBuffer.wrap(bytes));
    return bytes;
  }
}
