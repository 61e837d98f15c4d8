package dev.lathe.runs.stages;

import java.util.Arrays;
import java.util.List;

/** The precisions in which networks are made, each with a predictor of its own. */
enum Precision {
  FLOAT32("float32"),
  INT8("int8");

  private final String label;

  Precision(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  static List<String> labels() {
    return Arrays.stream(values()).map(Precision::label).toList();
  }
}
