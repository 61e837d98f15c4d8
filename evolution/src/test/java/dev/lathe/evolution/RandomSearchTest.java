package dev.lathe.evolution;

class RandomSearchTest extends SearchMethodContract {
  @Override
  SearchMethod method() {
    return new RandomSearch();
  }
}
