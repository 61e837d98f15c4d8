package dev.lathe.data.picture;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Kinds of picture files, told by their first bytes; names of files often lie. */
public enum PictureKind {
  JPEG("JPEG", true, "jpg", "jpeg", "jpe", "jfif"),
  PNG("PNG", true, "png"),
  GIF("GIF", true, "gif"),
  BMP("BMP", true, "bmp", "dib"),
  TIFF("TIFF", true, "tif", "tiff"),
  WEBP("WebP", true, "webp"),
  HEIC("HEIC", false, "heic", "heif", "hif"),
  AVIF("AVIF", false, "avif"),
  JPEG_XL("JPEG XL", false, "jxl"),
  JPEG_2000("JPEG 2000", false, "jp2", "j2k", "jpx"),
  RAW("camera raw", false, "cr2", "cr3", "nef", "arw", "dng", "orf", "rw2", "raf"),
  PHOTOSHOP("Photoshop", false, "psd", "psb"),
  SVG("SVG", false, "svg");

  /** How many first bytes {@link #of} and {@link #describe} look at. */
  public static final int HEAD = 32;

  private final String label;
  private final boolean readable;
  private final List<String> endings;

  PictureKind(String label, boolean readable, String... endings) {
    this.label = label;
    this.readable = readable;
    this.endings = List.of(endings);
  }

  /** The name for people. */
  public String label() {
    return label;
  }

  /** Whether pictures of this kind can be decoded. */
  public boolean readable() {
    return readable;
  }

  /** The kind that a file's name says; empty for other files. */
  public static Optional<PictureKind> named(String fileName) {
    String ending = fileName.substring(fileName.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return Arrays.stream(values()).filter(kind -> kind.endings.contains(ending)).findFirst();
  }

  /** The kind that a file's first bytes say; empty for other files. */
  public static Optional<PictureKind> of(byte[] head) {
    if (starts(head, 0xff, 0xd8, 0xff)) {
      return Optional.of(JPEG);
    }
    if (starts(head, 0x89, 'P', 'N', 'G')) {
      return Optional.of(PNG);
    }
    if (starts(head, 'G', 'I', 'F', '8')) {
      return Optional.of(GIF);
    }
    if (starts(head, 'I', 'I', 42, 0) || starts(head, 'M', 'M', 0, 42)) {
      return Optional.of(TIFF);
    }
    if (starts(head, '8', 'B', 'P', 'S')) {
      return Optional.of(PHOTOSHOP);
    }
    if (starts(head, 0xff, 0x0a) || starts(head, 0, 0, 0, 12, 'J', 'X', 'L')) {
      return Optional.of(JPEG_XL);
    }
    if (starts(head, 0, 0, 0, 12, 'j', 'P')) {
      return Optional.of(JPEG_2000);
    }
    if (starts(head, 'R', 'I', 'F', 'F') && text(head, 8, 4).equals("WEBP")) {
      return Optional.of(WEBP);
    }
    // The third and fourth byte pairs of a bitmap are reserved and zero: 'BM' alone begins texts.
    if (starts(head, 'B', 'M') && head.length >= 10 && text(head, 6, 4).equals("\0\0\0\0")) {
      return Optional.of(BMP);
    }
    if (text(head, 4, 4).equals("ftyp")) {
      return switch (text(head, 8, 4)) {
        case "avif", "avis" -> Optional.of(AVIF);
        case "heic", "heix", "hevc", "heim", "heis", "mif1", "msf1" -> Optional.of(HEIC);
        case "crx " -> Optional.of(RAW);
        default -> Optional.empty();
      };
    }
    return Optional.empty();
  }

  /** What a file that is no picture seems to be, by its first bytes, as the end of a sentence. */
  public static String describe(byte[] head) {
    String text = new String(head, StandardCharsets.UTF_8).strip().toLowerCase(Locale.ROOT);
    if (head.length == 0) {
      return "the file is empty";
    }
    if (text.startsWith("<!doctype") || text.startsWith("<html")) {
      return "it is a web page (HTML), perhaps what a server sent instead of the picture";
    }
    if (text.startsWith("version https://git-lfs")) {
      return "it is a Git LFS pointer; the picture itself was not fetched";
    }
    if (text.startsWith("%pdf")) {
      return "it is a PDF document";
    }
    if (starts(head, 'P', 'K', 3, 4)) {
      return "it is a ZIP archive";
    }
    if (text.startsWith("<svg") || text.startsWith("<?xml")) {
      return "it is XML or SVG";
    }
    if (zero(head)) {
      return "it begins with zeros only, as after a copy that was cut off";
    }
    return "it begins with the bytes %s, which is no picture"
        .formatted(
            HexFormat.ofDelimiter(" ").formatHex(Arrays.copyOf(head, Math.min(4, head.length))));
  }

  private static boolean zero(byte[] head) {
    for (byte value : head) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  private static String text(byte[] head, int from, int length) {
    return head.length < from + length
        ? ""
        : new String(head, from, length, StandardCharsets.ISO_8859_1);
  }

  private static boolean starts(byte[] head, int... magic) {
    for (int i = 0; i < magic.length; i++) {
      if (head.length <= i || (head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }
}
