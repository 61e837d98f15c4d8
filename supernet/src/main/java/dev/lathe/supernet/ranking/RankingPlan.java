package dev.lathe.supernet.ranking;

import dev.lathe.supernet.Lesson;

/**
 * The extent of a {@link RankingStudy}.
 *
 * @param seed of all random numbers
 * @param architectures how many are ranked, at least 3
 * @param seeds stand-alone trainings of each, at least 1
 * @param supernets how many are trained, each from weights and lessons of its own, at least 1
 * @param supernetSteps training steps of each supernet
 * @param standaloneSteps training steps of each network alone, the same for all
 * @param batch images a step
 * @param workers threads that share a batch
 * @param lesson which networks a step of a supernet trains
 * @param statisticsImages training images from which batch norms are re-estimated
 */
public record RankingPlan(
    long seed,
    int architectures,
    int seeds,
    int supernets,
    long supernetSteps,
    long standaloneSteps,
    int batch,
    int workers,
    Lesson lesson,
    int statisticsImages) {
  public RankingPlan {
    check("architectures", architectures, 3);
    check("seeds", seeds, 1);
    check("supernets", supernets, 1);
    check("supernetSteps", supernetSteps, 1);
    check("standaloneSteps", standaloneSteps, 1);
    check("batch", batch, 2);
    check("workers", workers, 1);
    check("statisticsImages", statisticsImages, 1);
  }

  private static void check(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException("%s is %d, must be >= %d.".formatted(name, value, least));
    }
  }

  /** The same plan with other numbers of steps. */
  public RankingPlan withSteps(long supernet, long alone) {
    return new RankingPlan(
        seed,
        architectures,
        seeds,
        supernets,
        supernet,
        alone,
        batch,
        workers,
        lesson,
        statisticsImages);
  }
}
