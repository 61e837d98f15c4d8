package dev.lathe.data.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.data.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives of friends and of foes. */
class ArchiveIntakeTest {
  private static final IntakeLimits SMALL = new IntakeLimits(1 << 26, 64 << 20, 100, 50, 0);

  @TempDir Path folder;
  private Path place;

  @BeforeEach
  void makePlace() throws IOException {
    place = Files.createDirectory(folder.resolve("place"));
  }

  private interface Content {
    void write(ZipArchiveOutputStream zip) throws IOException;
  }

  private static byte[] zip(Content content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(bytes)) {
      content.write(zip);
    }
    return bytes.toByteArray();
  }

  private static void put(ZipArchiveOutputStream zip, String name, byte[] content)
      throws IOException {
    zip.putArchiveEntry(new ZipArchiveEntry(name));
    zip.write(content);
    zip.closeArchiveEntry();
  }

  private interface Entries {
    void write(TarArchiveOutputStream tar) throws IOException;
  }

  private static byte[] tar(Entries entries) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      entries.write(tar);
    }
    return bytes.toByteArray();
  }

  private static void put(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, true);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }

  private static void link(TarArchiveOutputStream tar, String name, String target, byte type)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, type);
    entry.setLinkName(target);
    tar.putArchiveEntry(entry);
    tar.closeArchiveEntry();
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private ArchiveIntake.Unpacked unpack(byte[] archive) throws IOException {
    return ArchiveIntake.unpack(
        Files.write(folder.resolve("archive"), archive), place, SMALL, Progress.none());
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Nothing beside the archive and the place, and nothing that leads out of the place. */
  private void nothingEscaped() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("archive", "place");
    }
    try (Stream<Path> files = Files.walk(place)) {
      assertThat(files).noneMatch(Files::isSymbolicLink);
    }
  }

  @Test
  void zipTarAndGzippedTar_areUnpacked() throws IOException {
    byte[] tar =
        tar(
            out -> {
              put(out, "cats/1.png", text("one"));
              put(out, "./dogs/" + "n".repeat(150) + ".png", text("long"));
            });
    assertThat(unpack(tar)).isEqualTo(new ArchiveIntake.Unpacked(2, 7));
    assertThat(place.resolve("cats/1.png")).hasContent("one");
    assertThat(place.resolve("dogs/" + "n".repeat(150) + ".png")).hasContent("long");

    place = Files.createDirectory(place.resolve("again"));
    assertThat(unpack(gzip(tar)).files()).isEqualTo(2);
    place = Files.createDirectory(place.resolve("zip"));
    unpack(zip(out -> put(out, "Katzen/größe.png", text("two"))));
    assertThat(place.resolve("Katzen/größe.png")).hasContent("two");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "/etc/evil",
        "a\\..\\..\\evil",
        "C:/evil",
        "a/b\u0000c",
        "..",
        "a/\nb",
        "./../evil",
        "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21"
      })
  void namesThatLeaveTheFolder_areRefused(String name) throws IOException {
    assertThatThrownBy(() -> unpack(zip(out -> put(out, name, text("x")))))
        .isInstanceOf(IntakeRefused.class)
        .hasMessageContaining("no name of a file within the archive's own folder");
    nothingEscaped();
    if (name.indexOf('\0') < 0) {
      assertThatThrownBy(() -> unpack(tar(out -> put(out, name, text("x")))))
          .isInstanceOf(IntakeRefused.class);
      nothingEscaped();
    }
  }

  @Test
  void linksAndDevices_areRefused() throws IOException {
    for (byte type :
        new byte[] {
          TarConstants.LF_SYMLINK,
          TarConstants.LF_LINK,
          TarConstants.LF_CHR,
          TarConstants.LF_BLK,
          TarConstants.LF_FIFO
        }) {
      assertThatThrownBy(
              () ->
                  unpack(
                      tar(
                          out -> {
                            link(out, "door", "/etc", type);
                            put(out, "door/evil", text("x"));
                          })))
          .isInstanceOf(IntakeRefused.class)
          .hasMessageContaining("'door' is a link or a device");
      nothingEscaped();
    }
    assertThatThrownBy(
            () ->
                unpack(
                    zip(
                        out -> {
                          ZipArchiveEntry link = new ZipArchiveEntry("door");
                          link.setUnixMode(0120777);
                          out.putArchiveEntry(link);
                          out.write(text("/etc"));
                          out.closeArchiveEntry();
                        })))
        .isInstanceOf(IntakeRefused.class)
        .hasMessageContaining("link");
    nothingEscaped();
  }

  @Test
  void bombs_areRefusedBeforeTheyGrow() throws IOException {
    byte[] zeros = new byte[32 << 20];
    for (byte[] bomb :
        new byte[][] {
          zip(out -> put(out, "bomb", zeros)),
          gzip(tar(out -> put(out, "bomb", zeros))),
          // Small pieces that are many are one bomb as well.
          zip(
              out -> {
                for (int i = 0; i < 32; i++) {
                  put(out, "piece-" + i, Arrays.copyOf(zeros, 1 << 20));
                }
              })
        }) {
      place = Files.createDirectory(folder.resolve("place").resolve("b" + bomb.length));
      assertThatThrownBy(() -> unpack(bomb))
          .isInstanceOfSatisfying(
              IntakeRefused.class, refused -> assertThat(refused.isTooLarge()).isTrue());
      try (Stream<Path> files = Files.walk(place)) {
        assertThat(files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum())
            .isLessThanOrEqualTo(11 << 20);
      }
    }
  }

  @Test
  void tooMuch_isRefused() throws IOException {
    byte[] noise = new byte[1 << 20];
    new Random(1).nextBytes(noise);
    byte[] large =
        tar(
            out -> {
              for (int i = 0; i < 65; i++) {
                put(out, "noise-" + i, noise);
              }
            });
    assertThatThrownBy(() -> unpack(large)).hasMessageContaining("more than 67108864 bytes");
    place = Files.createDirectory(folder.resolve("place/second"));
    byte[] many =
        zip(
            out -> {
              for (int i = 0; i < 101; i++) {
                put(out, "file-" + i, text("x"));
              }
            });
    assertThatThrownBy(() -> unpack(many)).hasMessageContaining("more than 100 files");
  }

  @Test
  void twiceTheSameName_isRefused() throws IOException {
    byte[] twice =
        tar(
            out -> {
              put(out, "a/x", text("one"));
              put(out, "a/./x", text("two"));
            });
    assertThatThrownBy(() -> unpack(twice)).hasMessageContaining("twice");
    byte[] both =
        tar(
            out -> {
              put(out, "b", text("file"));
              put(out, "b/x", text("in a folder"));
            });
    assertThatThrownBy(() -> unpack(both)).hasMessageContaining("a file and a folder");
  }

  @Test
  void whatIsNoArchive_orDamaged_isSaidSo() throws IOException {
    assertThatThrownBy(() -> unpack(text("hello"))).hasMessageContaining("neither zip nor tar");
    assertThatThrownBy(() -> unpack(new byte[0])).hasMessageContaining("neither zip nor tar");
    assertThatThrownBy(() -> unpack(zip(out -> {}))).isInstanceOf(IntakeRefused.class);
    byte[] good = zip(out -> put(out, "a/picture", new byte[5000]));
    byte[] packed = gzip(tar(out -> put(out, "a/picture", new byte[5000])));
    for (byte[] whole : new byte[][] {good, packed}) {
      for (int length = 2; length < whole.length; length += 7) {
        byte[] cut = Arrays.copyOf(whole, length);
        place = Files.createDirectory(folder.resolve("place/" + whole.length + "-" + length));
        assertThatThrownBy(() -> unpack(cut))
            .as("%d of %d bytes", length, whole.length)
            .isInstanceOf(IntakeRefused.class);
      }
    }
  }
}
