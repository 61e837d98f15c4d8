package dev.lathe.evolution;

class AgingEvolutionTest extends SearchMethodContract {
  @Override
  SearchMethod method() {
    return new AgingEvolution(15, 5);
  }
}
