package dev.lathe.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data sets within archives and Parquet files. */
class PackedDataTest {
  private static final DataOptions OPTIONS = DataOptions.of(1).withResolution(8);

  @TempDir Path folder;
  private Path pets;

  @BeforeEach
  void draw() throws IOException {
    pets = folder.resolve("pets");
    for (int i = 0; i < 20; i++) {
      String part = i < 14 ? "Train" : "valid";
      String name = i % 2 == 0 ? "cat" : "dog";
      NoisePictures.write(pets.resolve("%s/%s/%02d.png".formatted(part, name, i)), 9, 8, i);
    }
  }

  private Path zip() throws IOException {
    Path archive = folder.resolve("pets.zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive));
        Stream<Path> files = Files.walk(pets)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        zip.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
        Files.copy(file, zip);
      }
    }
    return archive;
  }

  private Path tar() throws IOException {
    Path archive = folder.resolve("pets.tar.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(archive));
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out);
        Stream<Path> files = Files.walk(pets)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        tar.putArchiveEntry(new TarArchiveEntry(file, folder.relativize(file).toString()));
        Files.copy(file, tar);
        tar.closeArchiveEntry();
      }
    }
    return archive;
  }

  @Test
  void archives_areTheFolderThatTheyHold() throws IOException {
    DataSet unpacked = DataSets.load("folder:" + pets, OPTIONS, Progress.none());
    DataSet zipped = DataSets.load("zip:" + zip(), OPTIONS, Progress.none());
    DataSet tarred = DataSets.load("tar.gz:" + tar(), OPTIONS, Progress.none());
    assertThat(zipped.sha256()).isEqualTo(unpacked.sha256());
    assertThat(tarred.sha256()).isEqualTo(unpacked.sha256());
    assertThat(zipped.name()).isEqualTo("pets.zip");
  }

  @Test
  void archives_areUnpackedOnce() throws IOException {
    Path archive = zip();
    DataOptions kept = OPTIONS.withHome(folder.resolve("home"));
    DataSets.load("zip:" + archive, kept, Progress.none());
    Path unpacked = onlyBelow(folder.resolve("home/data/unpacked"));
    Files.delete(unpacked.resolve("pets/Train/cat/00.png"));
    assertThat(DataSets.load("zip:" + archive, kept, Progress.none()).validation().size())
        .isEqualTo(6);
    assertThat(unpacked.resolve("pets/Train/cat/00.png")).doesNotExist();
  }

  private static Path onlyBelow(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.reduce((_, _) -> null).orElseThrow();
    }
  }

  @Test
  void whatIsWrong_isSaidOfTheArchive() throws IOException {
    Files.writeString(pets.resolve("Train/cat/00.png"), "no picture");
    assertThatThrownBy(() -> DataSets.load("zip:" + zip(), OPTIONS, Progress.none()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("pets.zip/pets/Train/cat/00.png: the image cannot be read");
  }

  @Test
  void damagedArchives_areRefusedAndLeaveNothing() throws IOException {
    byte[] whole = Files.readAllBytes(tar());
    Path cut = Files.write(folder.resolve("cut.tar.gz"), java.util.Arrays.copyOf(whole, 900));
    DataOptions kept = OPTIONS.withHome(folder.resolve("home"));
    assertThatThrownBy(() -> DataSets.load("tar:" + cut, kept, Progress.none()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cut.tar.gz: the archive is damaged");
    assertThat(folder.resolve("home/data/unpacked")).isEmptyDirectory();
  }

  @Test
  void parquetOfHuggingFace_isRead() {
    DataSet data = DataSets.load("parquet:" + resource("parquet"), OPTIONS, Progress.none());
    assertThat(data.classes()).containsExactly("cat", "dog");
    assertThat(data.test().size()).isEqualTo(4);
    assertThat(data.train().size() + data.validation().size()).isEqualTo(12);
  }

  @Test
  void parquetWithNamesAsLabels_isRead() {
    DataSet data =
        DataSets.load("parquet:" + resource("parquet-names.parquet"), OPTIONS, Progress.none());
    assertThat(data.classes()).containsExactly("cat", "dog");
    assertThat(data.train().size() + data.validation().size() + data.test().size()).isEqualTo(16);
  }

  @Test
  void parquetWithoutLabels_saysWhichColumnsThereAre() {
    assertThatThrownBy(
            () ->
                DataSets.load(
                    "parquet:" + resource("parquet-no-labels.parquet"), OPTIONS, Progress.none()))
        .hasMessageContaining("its columns (image, caption) have no labels");
  }

  @Test
  void otherFiles_areNoParquet() throws IOException {
    Path file = Files.writeString(folder.resolve("x.parquet"), "hello, this is text and no table");
    assertThatThrownBy(() -> DataSets.load("parquet:" + file, OPTIONS, Progress.none()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("x.parquet: it cannot be read as Parquet");
  }

  private static Path resource(String name) {
    return Path.of("src/test/resources/dev/lathe/data", name);
  }
}
