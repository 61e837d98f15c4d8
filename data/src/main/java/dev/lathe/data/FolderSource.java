package dev.lathe.data;

import dev.lathe.data.folder.Listing;
import dev.lathe.data.picture.Framing;
import dev.lathe.data.picture.PictureDecoder;
import dev.lathe.data.picture.PictureKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** The pictures of a listing; only those that are used are decoded. */
final class FolderSource implements ImageSource {
  private static final int HEADERS_READ = 200;
  private static final int FILES_NAMED = 20;

  private final Listing listing;
  private final DataOptions options;
  private final int[] labels;
  private final Split[] splits;

  private FolderSource(Listing listing, DataOptions options) {
    this.listing = listing;
    this.options = options;
    this.labels = listing.items().stream().mapToInt(Listing.Item::label).toArray();
    this.splits = listing.items().stream().map(Listing.Item::split).toArray(Split[]::new);
  }

  static RawDataSet of(Listing listing, DataOptions options) {
    return new RawDataSet(
        listing.name(),
        listing.classes(),
        new FolderSource(listing, options),
        mirrorsWell(listing.classes()),
        listing.findings());
  }

  /** Whether mirrored images keep their class: not letters and digits, not left and right. */
  private static boolean mirrorsWell(List<String> classes) {
    return classes.stream()
        .map(name -> name.toLowerCase(Locale.ROOT))
        .noneMatch(
            name ->
                name.length() == 1
                    || name.matches("\\d+")
                    || name.contains("left")
                    || name.contains("right"));
  }

  @Override
  public int[] labels() {
    return labels;
  }

  @Override
  public Split[] splits() {
    return splits;
  }

  @Override
  public String name(int index) {
    return listing.findings().shown(listing.items().get(index).file().toString());
  }

  @Override
  public Reading read(int[] indices, Progress progress) {
    List<Path> files = Arrays.stream(indices).mapToObj(i -> listing.items().get(i).file()).toList();
    Framing framing =
        options
            .framing()
            .orElseGet(
                () ->
                    Framing.square(
                        options.resolution() > 0
                            ? options.resolution()
                            : TrainedSide.of(nativeSide(files), files.size(), options.seconds())));
    DecodedPictures decoded = DecodedPictures.of(files, framing, options, progress);
    Findings findings = listing.findings();
    for (DecodedPicture picture : decoded.pictures()) {
      if (!picture.readable()) {
        findings.unreadable(files.get(picture.index()), picture.problem());
      }
    }
    if (!findings.unreadable().isEmpty() && !options.skipUnreadable()) {
      throw refusal(findings, indices.length);
    }
    int[] good =
        IntStream.range(0, indices.length)
            .filter(i -> decoded.pictures().get(i).readable())
            .toArray();
    LabelledImages all =
        LabelledImages.of(decoded.pixels(), Arrays.stream(indices).map(i -> labels[i]).toArray());
    return new Reading(
        good.length == indices.length ? all : all.subset(good),
        Arrays.stream(good).map(i -> indices[i]).toArray(),
        Optional.of(facts(files, decoded.pictures(), findings)));
  }

  /** The median of the shorter sides of some of the images. */
  private static int nativeSide(List<Path> files) {
    int step = Math.max(1, files.size() / HEADERS_READ);
    PictureDecoder decoder = new PictureDecoder();
    int[] sides =
        IntStream.iterate(0, i -> i < files.size(), i -> i + step)
            .map(i -> decoder.shorterSide(files.get(i)))
            .filter(length -> length > 0)
            .sorted()
            .toArray();
    return sides.length == 0 ? DataOptions.LARGEST_NATIVE : sides[sides.length / 2];
  }

  private static DataException refusal(Findings findings, int files) {
    List<Findings.Unreadable> bad = findings.unreadable();
    Findings.Unreadable first = bad.getFirst();
    if (bad.size() == 1) {
      return new DataException(
          Path.of(first.file()), first.reason() + " Or leave it out with --skip-bad.");
    }
    StringBuilder text =
        new StringBuilder(
            "%d of %d images cannot be read. Maybe repair or remove them, or leave them out with --skip-bad:"
                .formatted(bad.size(), files));
    for (Findings.Unreadable file : bad.subList(0, Math.min(FILES_NAMED, bad.size()))) {
      text.append("\n  ").append(file.file()).append(": ").append(file.reason());
    }
    if (bad.size() > FILES_NAMED) {
      text.append("\n  and %d more".formatted(bad.size() - FILES_NAMED));
    }
    return new DataException(text.toString());
  }

  private static PictureFacts facts(
      List<Path> files, List<DecodedPicture> pictures, Findings findings) {
    Map<PictureKind, Integer> kinds = new EnumMap<>(PictureKind.class);
    List<String> misnamed = new ArrayList<>();
    int oriented = 0;
    List<Integer> shorter = new ArrayList<>();
    int largest = 0;
    for (DecodedPicture picture : pictures) {
      if (!picture.readable()) {
        continue;
      }
      PictureDecoder.Facts facts = picture.facts().orElseThrow();
      kinds.merge(facts.kind(), 1, Integer::sum);
      Path file = files.get(picture.index());
      Optional<PictureKind> named = PictureKind.named(file.getFileName().toString());
      if (named.isPresent() && named.get() != facts.kind()) {
        misnamed.add("%s is %s".formatted(findings.shown(file.toString()), facts.kind().label()));
      }
      if (facts.orientation() > 1) {
        oriented++;
      }
      shorter.add(Math.min(facts.width(), facts.height()));
      largest = Math.max(largest, Math.max(facts.width(), facts.height()));
    }
    shorter.sort(null);
    return new PictureFacts(
        kinds,
        misnamed,
        oriented,
        shorter.isEmpty() ? 0 : shorter.getFirst(),
        shorter.isEmpty() ? 0 : shorter.get(shorter.size() / 2),
        largest);
  }
}
