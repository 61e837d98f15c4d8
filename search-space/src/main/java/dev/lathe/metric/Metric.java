package dev.lathe.metric;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a figure is of: a quantity, and for some quantities a device. Written {@code accuracy} or
 * {@code latency@desk}.
 *
 * @param symbol of the quantity, as {@link Quantity#symbol} or a name that a table brings
 * @param device name of the device, where the figure depends on one
 */
public record Metric(String symbol, Optional<String> device) {
  private static final Pattern FORM =
      Pattern.compile("([A-Za-z][A-Za-z0-9_.-]{0,63})(?:@([^@\\p{Cntrl}]{1,100}))?");

  /**
   * The metric of a name.
   *
   * @throws IllegalArgumentException if the text is no name of a metric
   */
  public static Metric of(String name) {
    Matcher form = FORM.matcher(name);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'%s' is no metric. Maybe accuracy, bytes or latency@DEVICE.".formatted(name));
    }
    return new Metric(form.group(1), Optional.ofNullable(form.group(2)));
  }

  /** A quantity on a device. */
  public static Metric on(Quantity quantity, String device) {
    return new Metric(quantity.symbol(), Optional.of(device));
  }

  /** A quantity that needs no device. */
  public static Metric of(Quantity quantity) {
    return new Metric(quantity.symbol(), Optional.empty());
  }

  /** As it is written. */
  public String name() {
    return device.map(on -> symbol + "@" + on).orElse(symbol);
  }

  /** The quantity, if it is one of ours. */
  public Optional<Quantity> quantity() {
    return Quantity.of(symbol);
  }

  /** Of all its figures; empty for a plain number. */
  public String unit() {
    return quantity().map(Quantity::unit).orElse("");
  }

  @Override
  public String toString() {
    return name();
  }
}
