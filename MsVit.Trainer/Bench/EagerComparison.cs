using MsVit.MLNet.Kernels;

namespace MsVit.Trainer.Bench;

/// <summary>Runs one piece of work with our kernels, as a composition of torch operations, and beside its bound.</summary>
internal static class EagerComparison
{
    /// <summary>A row in milliseconds a run.</summary>
    /// <param name="name">Of the row.</param>
    /// <param name="settings">How to measure.</param>
    /// <param name="work">What is measured, by backend.</param>
    /// <param name="bound">What it cannot be faster than.</param>
    public static BenchmarkRow Run(string name, BenchmarkSettings settings, Action<Backend> work, Bound bound)
    {
        const int Ours = 0, Eager = 1, Peak = 2;
        var times = Measurement.Of(settings, Fused, Eagerly, bound.Run);
        return new BenchmarkRow
        {
            Name = name,
            Median = 1000 * times.Seconds(Ours),
            Unit = "ms",
            RatioToEager = times.Ratio(Eager, Ours),
            ShareOfPeak = bound.Work * times.Ratio(Peak, Ours),
            MemoryRatio = settings.IsOnGpu ? null : PeakMemory.Ratio(Fused, Eagerly),
        };

        void Fused() => work(Backend.Fused);

        void Eagerly() => work(Backend.Eager);
    }
}
