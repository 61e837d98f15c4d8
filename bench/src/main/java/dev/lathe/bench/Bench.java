package dev.lathe.bench;

import dev.lathe.bench.payoff.PayoffBench;
import dev.lathe.cli.Subcommand;
import picocli.CommandLine.Command;

/** Groups the benchmarks. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Benchmarks; each writes its figures as JSON.",
    subcommands = {
      PredictorBench.class,
      SearchBench.class,
      TransferSearchBench.class,
      CompressBench.class,
      ConformanceBench.class,
      FineTuneBench.class,
      CostsBench.class,
      FrontBench.class,
      ScalingBench.class,
      SupernetBench.class,
      RankingBench.class,
      SinglePathBench.class,
      NetAdaptBench.class,
      JointBench.class,
      PayoffBench.class
    })
public final class Bench implements Subcommand {}
