package dev.lathe.evolution;

class UNsga3Test extends SearchMethodContract {
  @Override
  SearchMethod method() {
    return new UNsga3(15, 1, 0.5);
  }
}
