package dev.lathe.evolution;

class PredictorSearchTest extends SearchMethodContract {
  @Override
  SearchMethod method() {
    return new PredictorSearch(12, 6);
  }
}
