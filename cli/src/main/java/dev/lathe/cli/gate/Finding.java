package dev.lathe.cli.gate;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * What was found of a metric.
 *
 * @param text with value and bound, for people
 */
record Finding(String metric, boolean passed, String text) {
  /** Four significant digits, no zeros behind them. */
  static String number(double value) {
    return value == 0 || Math.abs(value) >= 1e4
        ? new BigDecimal(value).setScale(0, RoundingMode.HALF_EVEN).toPlainString()
        : new BigDecimal(value).round(new MathContext(4)).stripTrailingZeros().toPlainString();
  }
}
