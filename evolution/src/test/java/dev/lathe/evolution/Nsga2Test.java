package dev.lathe.evolution;

class Nsga2Test extends SearchMethodContract {
  @Override
  SearchMethod method() {
    return Nsga2.standard();
  }
}
