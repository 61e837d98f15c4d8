package dev.lathe.data;

import java.util.List;
import java.util.Optional;

/** A data set together with what was noticed while it was read. */
public final class LoadedData {
  private final DataSet data;
  private final Optional<RawDataSet> raw;
  private final Optional<Division> division;
  private final Optional<PictureFacts> files;

  LoadedData(DataSet data, RawDataSet raw, Division division, Optional<PictureFacts> files) {
    this(data, Optional.of(raw), Optional.of(division), files);
  }

  private LoadedData(
      DataSet data,
      Optional<RawDataSet> raw,
      Optional<Division> division,
      Optional<PictureFacts> files) {
    this.data = data;
    this.raw = raw;
    this.division = division;
    this.files = files;
  }

  static LoadedData drawn(DataSet data) {
    return new LoadedData(data, Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The data set. */
  public DataSet data() {
    return data;
  }

  /** What a person should know before anything is trained. */
  public DataReport report() {
    return DataReport.of(
        data,
        raw.map(RawDataSet::findings).orElseGet(Findings::new),
        division.map(Division::how).orElse("drawn by Lathe"),
        files,
        Duplicates.among(List.of(data.train(), data.validation(), data.test()), this::name));
  }

  /** The name of an image of part 0, 1 or 2. */
  private String name(int part, int index) {
    return raw.isEmpty() || division.isEmpty()
        ? "image " + index
        : raw.get().images().name(division.get().part(part)[index]);
  }
}
