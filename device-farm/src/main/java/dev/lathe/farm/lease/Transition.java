package dev.lathe.farm.lease;

/**
 * The new state of a job and of its newest attempt, to be stored together in one transaction, on
 * condition that neither changed since it was read.
 */
public record Transition(Job job, Attempt attempt) {}
