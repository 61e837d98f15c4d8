package dev.lathe.service.farm;

import dev.lathe.runs.Measurements;
import dev.lathe.runs.isolated.ModelReader;
import dev.lathe.service.store.ArtifactFiles;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;

/** Gives each search its measurements. */
@ApplicationScoped
public class MeasurementSource {
  private final ArtifactFiles files;
  private final ModelReader reader;
  private final LeaseDesk desk;
  private final DeviceChoice choice;
  private final MachineGate gate;
  private final InstantSource clock;

  MeasurementSource(
      ArtifactFiles files,
      ModelReader reader,
      LeaseDesk desk,
      DeviceChoice choice,
      MachineGate gate,
      InstantSource clock) {
    this.files = files;
    this.reader = reader;
    this.desk = desk;
    this.choice = choice;
    this.gate = gate;
    this.clock = clock;
  }

  /**
   * The measurements of a search.
   *
   * @param stopCheck throws when the search is to stop; run often while waiting
   */
  public Measurements of(FarmMeasurements.Request request, Runnable stopCheck) {
    return new FarmMeasurements(request, files, reader, desk, choice, gate, clock, stopCheck);
  }
}
