package dev.lathe.runs;

/**
 * Where a search algorithm stands.
 *
 * @param number of the last complete generation, from 0
 * @param algorithmState JSON from which the algorithm goes on, together with the candidates
 */
public record GenerationState(int number, String algorithmState) {}
