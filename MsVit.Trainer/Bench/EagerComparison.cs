using MsVit.MLNet;

namespace MsVit.Trainer.Bench;

/// <summary>Runs one piece of work as it is, with eager neurons, and beside its bound.</summary>
internal static class EagerComparison
{
    /// <summary>A row in milliseconds a run.</summary>
    /// <param name="name">Of the row.</param>
    /// <param name="settings">How to measure.</param>
    /// <param name="work">What is measured.</param>
    /// <param name="bound">What it cannot be faster than.</param>
    public static BenchmarkRow Run(string name, BenchmarkSettings settings, Action work, Bound bound)
    {
        const int Ours = 0, Eager = 1, Peak = 2;
        var times = Measurement.Of(settings, work, Eagerly, bound.Run);
        return new BenchmarkRow
        {
            Name = name,
            Median = 1000 * times.Seconds(Ours),
            Unit = "ms",
            RatioToEager = times.Ratio(Eager, Ours),
            ShareOfPeak = bound.Work * times.Ratio(Peak, Ours),
            MemoryRatio = settings.IsOnGpu ? null : PeakMemory.Ratio(work, Eagerly),
        };

        void Eagerly()
        {
            using var eager = new EagerScope();
            work();
        }
    }
}
