package dev.lathe.farm;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a device told of itself while samples were taken, not before or after. A thing that it does
 * not tell is null.
 *
 * @param waitedShare of the sampling's time in which a measuring thread was ready and another
 *     process had its core: 0.1 is 10 percent
 * @param stolenShare of the cores' time that the machine below this one gave to others
 * @param leastMegahertz the lowest clock seen
 * @param mostMegahertz the highest clock seen
 * @param mostCelsius the highest temperature seen
 * @param governor of the clock, as the system names it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record Circumstances(
    @Nullable Double waitedShare,
    @Nullable Double stolenShare,
    @Nullable Double leastMegahertz,
    @Nullable Double mostMegahertz,
    @Nullable Double mostCelsius,
    @Nullable String governor) {

  /** A device that tells nothing. */
  public static final Circumstances UNTOLD = new Circumstances(null, null, null, null, null, null);

  /** The share of time that others took; empty if the device does not tell. */
  public Optional<Double> othersShare() {
    return waitedShare == null && stolenShare == null
        ? Optional.empty()
        : Optional.of(
            (waitedShare == null ? 0 : waitedShare) + (stolenShare == null ? 0 : stolenShare));
  }

  /** The share by which the clock fell below its highest during the run; 0 if it is not told. */
  public double clockDrop() {
    return leastMegahertz == null || mostMegahertz == null || mostMegahertz <= 0
        ? 0
        : 1 - leastMegahertz / mostMegahertz;
  }

  /** The facts by name, for an environment. */
  public Map<String, String> facts() {
    Map<String, String> facts = new TreeMap<>();
    put(facts, "waitedPercent", waitedShare, 100);
    put(facts, "stolenPercent", stolenShare, 100);
    put(facts, "leastMegahertz", leastMegahertz, 1);
    put(facts, "mostMegahertz", mostMegahertz, 1);
    put(facts, "mostCelsius", mostCelsius, 1);
    if (governor != null) {
      facts.put("governor", governor);
    }
    return facts;
  }

  private static void put(
      Map<String, String> facts, String name, @Nullable Double value, double unit) {
    if (value != null) {
      facts.put(name, String.format(Locale.ROOT, "%.2f", unit * value));
    }
  }
}
