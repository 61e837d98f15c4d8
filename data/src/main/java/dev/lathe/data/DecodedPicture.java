package dev.lathe.data;

import dev.lathe.data.picture.PictureDecoder;
import dev.lathe.data.picture.PictureKind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * What became of one picture file.
 *
 * @param index its place among the files
 * @param facts of the file; empty if it cannot be read
 * @param pixels of the decoded picture; empty if it cannot be read
 * @param problem why it cannot be read, or empty text
 */
record DecodedPicture(
    int index,
    Optional<PictureDecoder.Facts> facts,
    Optional<PixelSummary> pixels,
    String problem) {
  static DecodedPicture failed(int index, String problem) {
    return new DecodedPicture(index, Optional.empty(), Optional.empty(), problem);
  }

  boolean readable() {
    return facts.isPresent();
  }

  byte[] toBytes() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(160);
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(index);
      out.writeUTF(problem);
      if (facts.isPresent()) {
        PictureDecoder.Facts file = facts.get();
        PixelSummary summary = pixels.orElseThrow();
        out.writeByte(file.kind().ordinal());
        out.writeInt(file.width());
        out.writeInt(file.height());
        out.writeByte(file.orientation());
        out.write(summary.sha256());
        out.writeByte(summary.sums().length);
        for (int c = 0; c < summary.sums().length; c++) {
          out.writeLong(summary.sums()[c]);
          out.writeLong(summary.squares()[c]);
        }
        out.writeLong(summary.gradients());
      }
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return bytes.toByteArray();
  }

  static DecodedPicture of(byte[] bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int index = in.readInt();
      String problem = in.readUTF();
      if (in.available() == 0) {
        return failed(index, problem);
      }
      PictureKind kind = PictureKind.values()[in.readByte()];
      PictureDecoder.Facts facts =
          new PictureDecoder.Facts(kind, in.readInt(), in.readInt(), in.readByte());
      byte[] sha256 = in.readNBytes(32);
      long[] sums = new long[in.readByte()];
      long[] squares = new long[sums.length];
      for (int c = 0; c < sums.length; c++) {
        sums[c] = in.readLong();
        squares[c] = in.readLong();
      }
      PixelSummary summary = new PixelSummary(sha256, sums, squares, in.readLong());
      return new DecodedPicture(index, Optional.of(facts), Optional.of(summary), problem);
    }
  }
}
