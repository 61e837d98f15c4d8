package dev.lathe.cli.compress;

import dev.lathe.cli.compress.InspectCommand.DeviceTime;
import dev.lathe.latency.RooflineReport;
import java.io.PrintWriter;
import java.util.Locale;

/** The table of where a model's time goes, for people. */
final class RooflineTable {
  private RooflineTable() {}

  static void print(PrintWriter out, DeviceTime time) {
    RooflineReport report = time.roofline();
    out.printf(
        "%nWhere the time goes on '%s' (roofline from %d measured networks)%n",
        time.device(), time.measurements());
    out.printf(
        Locale.ROOT,
        "  %.1f GMAC/s, %.1f GB/s, %.4f ms a kernel; memory-bound below %.1f MACs a byte%n",
        report.macsPerMilli() / 1e6,
        report.bytesPerMilli() / 1e6,
        report.startMillis(),
        report.balance());
    out.printf(
        Locale.ROOT,
        "  estimated %.4f ms (%.4f to %.4f), ideal %.4f ms: efficiency %.1f %%%n",
        report.millis(),
        report.lowerMillis(),
        report.upperMillis(),
        report.idealMillis(),
        100 * report.efficiency());
    if (time.measuredMillis() != null) {
      out.printf(Locale.ROOT, "  measured  %.4f ms%n", time.measuredMillis());
    }
    out.printf(
        "  %-13s %-9s %-8s %12s %12s %10s %9s %7s  %s%n",
        "kernel", "precision", "bound", "MACs", "bytes", "MACs/byte", "ms", "share", "nodes");
    for (RooflineReport.Layer layer : report.layers()) {
      out.printf(
          Locale.ROOT,
          "  %-13s %-9s %-8s %,12d %,12d %10.2f %9.4f %6.1f%%  %s%n",
          layer.kind().name().toLowerCase(Locale.ROOT),
          layer.precision(),
          layer.bound().name().toLowerCase(Locale.ROOT),
          layer.macs(),
          layer.bytes(),
          layer.intensity(),
          layer.millis(),
          100 * layer.share(),
          String.join(" + ", layer.nodes()));
    }
    out.flush();
  }
}
